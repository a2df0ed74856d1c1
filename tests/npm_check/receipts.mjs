// Runs the portal's own checker of receipts. Standard input: [{"receipt": text, "policy": text}, …]; standard
// output: for each true, or the reason why not.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { verify } = await import(pathToFileURL(process.argv[2]));
const told = [];
for (const { receipt, policy } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await verify(receipt, policy);
    told.push(true);
  } catch (fault) {
    told.push(fault.message);
  }
}
console.log(JSON.stringify(told));
