/* Checks a receipt (c2sp.org/tlog-proof) against a policy (c2sp.org/tlog-policy) in this browser alone: nothing is
   sent, and it works with the network cut, on pages without https too: SHA-256, Ed25519 and ML-DSA-44 are noble's
   (noble.js). It says what `huhang receipt verify` says.
   Contract:
   <form data-receipt><input type="file" data-receipt-file><textarea data-receipt-policy></textarea><button>…</button></form>
   <div data-receipt-result hidden tabindex="-1" role="status"><p data-receipt-said></p></div>
   <ul hidden data-receipt-words><li data-word="holds">… {index} {size} {origin} …</li><li data-word="fails">…{reason}</li>…</ul> */

import { ed25519, ml_dsa44, sha256 as digest } from "./noble.js";

const LEAF = 33;
const BLIND = 32;
const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_BYTES = 1_000_000;
const MOST_SIGNATURES = 100;
const MOST_LINES = 1000;
const MOST = (1n << 63n) - 1n;
const ED25519 = 1;
const COSIGNATURE = 4;
const ML_DSA_44 = 6;
const LENGTHS = { [ED25519]: 32, [COSIGNATURE]: 32, [ML_DSA_44]: 1312 };
const SIGNED = { [ED25519]: 64, [COSIGNATURE]: 72, [ML_DSA_44]: 2428 };
// White space of any script, as Go and Python know it, plus, and control characters below U+0020.
const ODD = /[\x00-\x20+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const utf8 = new TextEncoder();

class Fault extends Error {}
const must = (held, reason) => {
  if (!held) throw new Fault(reason);
};

/** The bytes of this base64, of which each has one spelling. */
function bytes(text, reason = "form") {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    must(false, reason);
  }
  must(text && btoa(binary) === text, reason);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

function number(text, reason = "form") {
  must(/^(?:0|[1-9][0-9]{0,18})$/.test(text), reason);
  const found = BigInt(text);
  must(found <= MOST, reason);
  return found;
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

function big(value) {
  const eight = new Uint8Array(8);
  new DataView(eight.buffer).setBigUint64(0, value);
  return eight;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const sha256 = (...parts) => digest(joined(...parts));

/** The root that the proof leads to (c2sp.org/merkle-tree). */
function rootOf(index, size, leaf, proof) {
  must(index < size, "proof");
  let at = index;
  let last = size - 1n;
  let root = leaf;
  for (const hash of proof) {
    must(last !== 0n, "proof");
    if (at & 1n || at === last) {
      root = sha256([1], hash, root);
      while (at && !(at & 1n)) {
        at >>= 1n;
        last >>= 1n;
      }
    } else root = sha256([1], root, hash);
    at >>= 1n;
    last >>= 1n;
  }
  must(last === 0n, "proof");
  return root;
}

function readReceipt(data) {
  must(data.length <= MOST_BYTES, "form");
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    must(false, "form");
  }
  const gap = text.indexOf("\n\n");
  must(gap > 0, "form");
  const lines = text.slice(0, gap).split("\n");
  must(lines.shift() === HEADER && lines[0]?.startsWith("extra "), "form");
  const extra = bytes(lines.shift().slice(6));
  must((extra.length === LEAF || extra.length === LEAF + BLIND) && lines[0]?.startsWith("index "), "form");
  const index = number(lines.shift().slice(6));
  must(lines.length < 64, "form");
  const proof = lines.map((line) => bytes(line));
  must(proof.every((hash) => hash.length === 32), "form");
  return { leaf: extra.slice(0, LEAF), index, proof, ...readNote(text.slice(gap + 2)) };
}

function readNote(note) {
  const gap = note.lastIndexOf("\n\n");
  must(gap >= 0 && gap + 2 < note.length && note.endsWith("\n") && !/[\x00-\x09\x0b-\x1f]/.test(note), "form");
  const text = note.slice(0, gap + 1);
  const found = note.slice(gap + 2, -1).split("\n");
  must(found.length <= MOST_SIGNATURES, "form");
  const signatures = found.map((line) => {
    const space = line.indexOf(" ", 2);
    must(line.startsWith("\u2014 ") && space > 2, "form");
    const name = line.slice(2, space);
    const raw = bytes(line.slice(space + 1));
    must(!ODD.test(name) && raw.length > 4, "form");
    return { name, id: raw.slice(0, 4), raw: raw.slice(4) };
  });
  const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
  must(origin && size && root && rest.every((line) => line), "form");
  const head = { text, signatures, origin, size: number(size), root: bytes(root) };
  must(head.root.length === 32, "form");
  return head;
}

/** What ML-DSA-44 signs of a name: its bytes after their number. */
function short(name, reason) {
  const data = utf8.encode(name);
  must(data.length > 0 && data.length < 256, reason);
  return joined([data.length], data);
}

function readKey(vkey, kinds, others) {
  const [name, printed] = vkey.split("+", 2);
  must(name && printed !== undefined && !ODD.test(name), "policy");
  const raw = bytes(vkey.slice(name.length + printed.length + 2), "policy");
  must(kinds.includes(raw[0]) && LENGTHS[raw[0]] === raw.length - 1, "policy");
  const id = sha256(utf8.encode(`${name}\n`), raw).slice(0, 4);
  must([...id].map((byte) => byte.toString(16).padStart(2, "0")).join("") === printed, "policy");
  const key = { name, id, kind: raw[0], raw: raw.slice(1) };
  if (key.kind === ML_DSA_44) short(name, "policy");
  must(!others.some((other) => same(other.raw, key.raw)), "policy");
  return key;
}

function readPolicy(text) {
  must(!/[\x00-\x08\x0b-\x1f\x7f]/.test(text), "policy");
  const lines = text.split("\n");
  must(lines.length <= MOST_LINES, "policy");
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
  const members = new Set();
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const fresh = (name) => must(name !== "none" && !known(name), "policy");
  for (const line of lines) {
    const [kind, ...given] = line.split(/[ \t]+/).filter((word) => word);
    if (!kind || kind.startsWith("#")) continue;
    if (kind === "log" && given.length >= 1 && given.length <= 2) {
      policy.logs.push(readKey(given[0], [ED25519, ML_DSA_44], policy.logs));
    } else if (kind === "witness" && given.length >= 2 && given.length <= 3) {
      const key = readKey(given[1], [COSIGNATURE, ML_DSA_44], [...policy.witnesses.values()]);
      fresh(given[0]);
      policy.witnesses.set(given[0], key);
    } else if (kind === "group" && given.length >= 3) {
      const [name, least, ...its] = given;
      for (const member of its) {
        must(known(member) && !members.has(member), "policy");
        members.add(member);
      }
      const count = { all: its.length, any: 1 }[least] ?? number(least, "policy");
      must(count >= 1 && count <= its.length, "policy");
      fresh(name);
      policy.groups.set(name, { count, members: its });
    } else {
      must(kind === "quorum" && given.length === 1 && !policy.quorum, "policy");
      must(given[0] === "none" || known(given[0]), "policy");
      policy.quorum = given[0];
    }
  }
  must(policy.quorum, "policy");
  return policy;
}

/** Whether this key signed the note; a wrong signature of it is a fault. */
function signed(note, key) {
  const found = note.signatures.find((one) => one.name === key.name && same(one.id, key.id));
  if (!found) return false;
  must(found.raw.length === SIGNED[key.kind], "signature");
  if (key.kind === ED25519) {
    must(ed25519.verify(found.raw, utf8.encode(note.text), key.raw, { zip215: false }), "signature");
    return true;
  }
  const time = new DataView(found.raw.buffer, found.raw.byteOffset).getBigUint64(0);
  must(time <= MOST, "signature");
  const raw = found.raw.slice(8);
  if (key.kind === COSIGNATURE) {
    const message = utf8.encode(`cosignature/v1\ntime ${time}\n${note.text}`);
    must(ed25519.verify(raw, message, key.raw, { zip215: false }), "signature");
  } else {
    const message = joined(
      utf8.encode("subtree/v1\n\0"), short(key.name, "signature"), big(time), short(note.origin, "signature"),
      big(0n), big(note.size), note.root,
    );
    must(ml_dsa44.verify(raw, message, key.raw), "signature");
  }
  return true;
}

/** The receipt's index, size and origin, and whether witnesses were asked for. ``data``: the bytes of the file. Throws
    a Fault with a reason. */
export function verify(data, policyText) {
  const receipt = readReceipt(data);
  const policy = readPolicy(policyText);
  const logs = policy.logs.filter((key) => key.name === receipt.origin);
  must(logs.filter((key) => signed(receipt, key)).length, "log");
  const met = new Set(["none"]);
  for (const [name, key] of policy.witnesses) if (signed(receipt, key)) met.add(name);
  for (const [name, group] of policy.groups) {
    if (group.members.filter((member) => met.has(member)).length >= group.count) met.add(name);
  }
  must(met.has(policy.quorum), "quorum");
  const leaf = sha256([0], receipt.leaf);
  must(same(rootOf(receipt.index, receipt.size, leaf, receipt.proof), receipt.root), "proof");
  return { index: receipt.index, size: receipt.size, origin: receipt.origin, watched: policy.quorum !== "none" };
}

function start(form) {
  const file = form.querySelector("[data-receipt-file]");
  const policy = form.querySelector("[data-receipt-policy]");
  const result = document.querySelector("[data-receipt-result]");
  const words = (name) => document.querySelector(`[data-receipt-words] [data-word="${name}"]`).textContent;

  function say(text, held) {
    result.querySelector("[data-receipt-said]").textContent = text;
    result.className = held ? "notice done" : "notice overdue";
    result.hidden = false;
    result.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    result.hidden = true;
    try {
      const found = verify(new Uint8Array(await file.files[0].arrayBuffer()), policy.value);
      const told = words(found.watched ? "holds" : "alone");
      say(told.replace("{index}", found.index).replace("{size}", found.size).replace("{origin}", found.origin), true);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      say(words("fails").replace("{reason}", words(fault.message)), false);
    }
  });
}

const form = globalThis.document?.querySelector("[data-receipt]");
if (form) start(form);
