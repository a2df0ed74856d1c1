// Checks the timed signatures of a checkpoint (c2sp.org/tlog-cosignature) with Node's Ed25519 and noble's
// ML-DSA-44. Standard input: {"note": text, "keys": [vkey, ...]}; standard output: {vkey: true or false}.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const { note, keys } = JSON.parse(readFileSync(0, "utf8"));
const gap = note.lastIndexOf("\n\n");
const text = note.slice(0, gap + 1);
const signatures = note
  .slice(gap + 2, -1)
  .split("\n")
  .map((line) => /^\u2014 (\S+) (\S+)$/.exec(line))
  .map(([, name, raw]) => ({ name, raw: Buffer.from(raw, "base64") }));
const [origin, size, root] = text.split("\n");

const big = (number) => {
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64BE(BigInt(number));
  return eight;
};
const short = (words) => Buffer.concat([Buffer.from([Buffer.byteLength(words)]), Buffer.from(words)]);

function holds(vkey) {
  const [, name, printed, coded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const key = Buffer.from(coded, "base64");
  const id = createHash("sha256").update(Buffer.concat([Buffer.from(`${name}\n`), key])).digest().subarray(0, 4);
  if (id.toString("hex") !== printed) return false;
  const found = signatures.find((one) => one.name === name && one.raw.subarray(0, 4).equals(id));
  if (!found) return false;
  const time = found.raw.readBigUInt64BE(4);
  const signature = found.raw.subarray(12);
  if (key[0] === 0x04) {
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), publicKey, signature);
  }
  if (key[0] !== 0x06) return false;
  const message = Buffer.concat([
    Buffer.from("subtree/v1\n\0"), short(name), big(time), short(origin), big(0), big(size), Buffer.from(root, "base64"),
  ]);
  return ml_dsa44.verify(new Uint8Array(signature), new Uint8Array(message), new Uint8Array(key.subarray(1)));
}

console.log(JSON.stringify(Object.fromEntries(keys.map((vkey) => [vkey, holds(vkey)]))));
