/* The reporter's code: made, read and turned into keys in the browser. src/huhang/portal/code.py does the same.

   A code is 32 characters of Crockford's base32 (0-9 and A-Z without I, L, O, U), 160 random bits, and one
   check character: the number that they write, mod 37. A draw whose check is one of Crockford's five extra signs
   is thrown away, so a code needs only letters and digits (159.8 bits). Shown in groups of four, the check last.

   From its 32 characters, as ASCII: HKDF-SHA-256, salt "huhang/reporter/v1", 32 bytes, as hex:
   info "login" gives the login token, which is sent; info "seal" gives the sealing key, which never leaves memory. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 32;
const SALT = "huhang/reporter/v1";

/** What is wrong with a typed code. `reason`: empty, length, character or check; `detail` the length or the character. */
export class CodeError extends Error {
  constructor(reason, detail = "") {
    super(`code: ${reason} ${detail}`.trim());
    this.reason = reason;
    this.detail = String(detail);
  }
}

/** Whether this page can make and use codes (script is there; WebCrypto needs https or localhost). */
export const able = Boolean(globalThis.crypto?.subtle && globalThis.crypto.getRandomValues);

function check(body) {
  let value = 0;
  for (const sign of body) value = (value * 32 + ALPHABET.indexOf(sign)) % 37;
  return value;
}

/** A new code: 33 characters, no separators. */
export function newCode() {
  for (;;) {
    // 256 is a multiple of 32: the low five bits of a random byte are even.
    const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
    const body = Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
    const value = check(body);
    if (value < 32) return body + ALPHABET[value];
  }
}

/** The 33 characters of what somebody typed: case, spaces, dashes, full-width forms and O, I, L are forgiven. */
export function normalise(typed) {
  const code = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\u002D\u005F\u002E\u00B7\u2010-\u2015\u2212\u30FC\u3002\u3001\u002C\u200B\uFEFF]/gu, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  if (!code) throw new CodeError("empty");
  for (const sign of code) if (!ALPHABET.includes(sign)) throw new CodeError("character", sign);
  if (code.length !== LENGTH + 1) throw new CodeError("length", code.length);
  if (check(code.slice(0, LENGTH)) !== ALPHABET.indexOf(code[LENGTH])) throw new CodeError("check");
  return code;
}

/** The code in its groups, as an array of strings. */
export function groups(code) {
  return normalise(code).match(/.{1,4}/g);
}

/** {login, seal}, both hex. Only `login` may be put into a form. */
export async function derive(code) {
  const ascii = new TextEncoder();
  const material = await crypto.subtle.importKey("raw", ascii.encode(normalise(code).slice(0, LENGTH)), "HKDF", false, [
    "deriveBits",
  ]);
  const expand = async (info) => {
    const bits = await crypto.subtle.deriveBits(
      { name: "HKDF", hash: "SHA-256", salt: ascii.encode(SALT), info: ascii.encode(info) },
      material,
      256,
    );
    return Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  return { login: await expand("login"), seal: await expand("seal") };
}
