import { startLab } from "../lab.ts";

// A program for lab.test.ts to kill: it starts a lab with everything in it, says which processes hold it, and stays.
const lab = await startLab();
await Promise.all([
  lab.client.startDockerd(),
  lab.registry.devregistry(["up", "--address", lab.registry.addresses.ipv4]),
]);
process.stdout.write(`${JSON.stringify([lab.client.holderPid, lab.registry.holderPid])}\n`);
setInterval(() => undefined, 60_000);
