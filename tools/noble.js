// What the browser's checker of receipts takes from noble. `npm run build` bundles it into
// src/huhang/portal/static/portal/noble.js, which is kept in the repository: nobody needs Node to run Huhang. Its
// licence (MIT) lies beside it.
export { ed25519 } from "@noble/curves/ed25519.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
