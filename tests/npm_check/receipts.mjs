// Runs the portal's own checker of receipts. Standard input: [{"receipt": base64, "policy": text}, …]; standard
// output: for each true, or the reason why not.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { verify } = await import(pathToFileURL(process.argv[2]));
const told = [];
for (const { receipt, policy } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    verify(new Uint8Array(Buffer.from(receipt, "base64")), policy);
    told.push(true);
  } catch (fault) {
    told.push(fault.constructor.name === "Fault" ? fault.message : `crash: ${fault.stack}`);
  }
}
console.log(JSON.stringify(told));
