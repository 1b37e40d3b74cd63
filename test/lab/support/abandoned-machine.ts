import { startLab } from "../lab.ts";
import { bootMachine } from "./machine.ts";

// A program for systemd.test.ts to kill: it boots a machine from the tree at its argument, says which processes hold it, and
// stays.
const lab = await startLab({ tree: process.argv[2] ?? "" });
const machine = await bootMachine(lab.client);
process.stdout.write(`${JSON.stringify([machine.initPid(), lab.client.holderPid])}\n`);
setInterval(() => undefined, 60_000);
