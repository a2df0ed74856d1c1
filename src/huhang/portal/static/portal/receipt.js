/* Checks a receipt (c2sp.org/tlog-proof) against a policy (c2sp.org/tlog-policy) in this browser alone: nothing is
   sent, and it works with the network cut. SHA-256 and Ed25519 are the browser's (WebCrypto); signatures of other
   types (ML-DSA-44) are left to `huhang receipt verify`.
   Contract:
   <form data-receipt><input type="file" data-receipt-file><textarea data-receipt-policy></textarea><button>…</button></form>
   <p data-receipt-unable hidden>…</p>
   <div data-receipt-result hidden tabindex="-1" role="status"><p data-receipt-said></p></div>
   <ul hidden data-receipt-words><li data-word="holds">… {index} {size} {origin} …</li><li data-word="fails">…{reason}</li>…</ul> */

const LEAF = 33;
const BLIND = 32;
const HEADER = "c2sp.org/tlog-proof@v1";
const LENGTHS = { 1: 32, 4: 32, 6: 1312 };
const utf8 = new TextEncoder();

class Fault extends Error {}
const must = (held, reason) => {
  if (!held) throw new Fault(reason);
};

function bytes(text) {
  must(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && text, "form");
  const found = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  must(btoa(String.fromCharCode(...found)) === text, "form");
  return found;
}

function number(text) {
  must(/^(?:0|[1-9][0-9]{0,15})$/.test(text), "form");
  const found = Number(text);
  must(Number.isSafeInteger(found), "form");
  return found;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

/** The root that the proof leads to (c2sp.org/merkle-tree). */
async function rootOf(index, size, leaf, proof) {
  must(index < size, "proof");
  // Sizes can have more bits than the operators of numbers here.
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  let root = leaf;
  for (const hash of proof) {
    must(last !== 0n, "proof");
    if (at & 1n || at === last) {
      root = await sha256([1], hash, root);
      while (at && !(at & 1n)) {
        at >>= 1n;
        last >>= 1n;
      }
    } else root = await sha256([1], root, hash);
    at >>= 1n;
    last >>= 1n;
  }
  must(last === 0n, "proof");
  return root;
}

function readReceipt(text) {
  const gap = text.indexOf("\n\n");
  must(gap > 0, "form");
  const lines = text.slice(0, gap).split("\n");
  must(lines.shift() === HEADER && lines[0]?.startsWith("extra "), "form");
  const extra = bytes(lines.shift().slice(6));
  must((extra.length === LEAF || extra.length === LEAF + BLIND) && lines[0]?.startsWith("index "), "form");
  const index = number(lines.shift().slice(6));
  const proof = lines.map(bytes);
  must(proof.length < 64 && proof.every((hash) => hash.length === 32), "form");
  return { leaf: extra.slice(0, LEAF), index, proof, ...readNote(text.slice(gap + 2)) };
}

function readNote(note) {
  const gap = note.lastIndexOf("\n\n");
  must(gap > 0 && note.endsWith("\n") && !/[\x00-\x09\x0b-\x1f]/.test(note), "form");
  const text = note.slice(0, gap + 1);
  const signatures = note.slice(gap + 2, -1).split("\n").map((line) => {
    const found = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line);
    must(found, "form");
    const raw = bytes(found[2]);
    must(raw.length > 4, "form");
    return { name: found[1], id: raw.slice(0, 4), raw: raw.slice(4) };
  });
  const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
  must(origin && root && rest.every((line) => line), "form");
  return { text, signatures, origin, size: number(size), root: bytes(root) };
}

async function readKey(vkey) {
  const found = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(vkey);
  must(found, "policy");
  const raw = bytes(found[3]);
  must(LENGTHS[raw[0]] === raw.length - 1, "policy");
  const id = (await sha256(utf8.encode(`${found[1]}\n`), raw)).slice(0, 4);
  must([...id].map((byte) => byte.toString(16).padStart(2, "0")).join("") === found[2], "policy");
  return { name: found[1], id, kind: raw[0], raw: raw.slice(1) };
}

async function readPolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  for (const line of text.split("\n")) {
    const [kind, ...given] = line.split(/[ \t\r]+/).filter((word) => word);
    if (!kind || kind.startsWith("#")) continue;
    if (kind === "log" && given.length) policy.logs.push(await readKey(given[0]));
    else if (kind === "witness" && given.length > 1) {
      must(given[0] !== "none" && !known(given[0]), "policy");
      policy.witnesses.set(given[0], await readKey(given[1]));
    } else if (kind === "group" && given.length > 2) {
      const [name, least, ...members] = given;
      must(name !== "none" && !known(name) && members.every(known) && new Set(members).size === members.length, "policy");
      const count = { all: members.length, any: 1 }[least] ?? number(least);
      must(count >= 1 && count <= members.length, "policy");
      policy.groups.set(name, { count, members });
    } else if (kind === "quorum" && given.length === 1 && !policy.quorum) {
      must(given[0] === "none" || known(given[0]), "policy");
      policy.quorum = given[0];
    } else must(false, "policy");
  }
  must(policy.quorum, "policy");
  return policy;
}

/** Whether a key signed the note: undefined where it did not, or where this browser cannot tell. */
async function signed(note, key) {
  const found = note.signatures.find((one) => one.name === key.name && same(one.id, key.id));
  if (!found || key.kind === 6) return undefined;
  let message = note.text;
  let raw = found.raw;
  if (key.kind === 4) {
    must(raw.length === 72, "signature");
    const time = new DataView(raw.buffer, raw.byteOffset).getBigUint64(0);
    message = `cosignature/v1\ntime ${time}\n${note.text}`;
    raw = raw.slice(8);
  }
  const publicKey = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]);
  must(await crypto.subtle.verify("Ed25519", publicKey, raw, utf8.encode(message)), "signature");
  return true;
}

/** The receipt's index, size and origin, and whether witnesses were asked for. Throws a Fault with a reason. */
export async function verify(receiptText, policyText) {
  const receipt = readReceipt(receiptText);
  const policy = await readPolicy(policyText);
  const logs = policy.logs.filter((key) => key.name === receipt.origin);
  let ours = false;
  for (const key of logs) ours = (await signed(receipt, key)) || ours;
  must(ours, "log");
  const cosigned = new Map();
  for (const [name, key] of policy.witnesses) cosigned.set(name, await signed(receipt, key));
  const held = (name) => {
    if (name === "none") return true;
    const group = policy.groups.get(name);
    return group ? group.members.filter(held).length >= group.count : Boolean(cosigned.get(name));
  };
  must(held(policy.quorum), "quorum");
  const leaf = await sha256([0], receipt.leaf);
  must(same(await rootOf(receipt.index, receipt.size, leaf, receipt.proof), receipt.root), "proof");
  return { index: receipt.index, size: receipt.size, origin: receipt.origin, watched: policy.quorum !== "none" };
}

async function able() {
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
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
    try {
      const found = await verify(await file.files[0].text(), policy.value);
      const told = words(found.watched ? "holds" : "alone");
      say(told.replace("{index}", found.index).replace("{size}", found.size).replace("{origin}", found.origin), true);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      say(words("fails").replace("{reason}", words(fault.message)), false);
    }
  });
}

const form = globalThis.document?.querySelector("[data-receipt]");
if (form) {
  able().then((can) => {
    if (can) start(form);
    else {
      form.hidden = true;
      document.querySelector("[data-receipt-unable]").hidden = false;
    }
  });
}
