import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { startClientLab, type ClientLab } from "./support/client-lab.ts";
import { bootMachine, type Machine } from "./support/machine.ts";
import { makeMachineTree, type MachineTree } from "./support/machine-tree.ts";

requireLab();

let tree: MachineTree;
let lab: ClientLab;
let machine: Machine;
beforeAll(async () => {
  tree = process.env["T"] ? { path: process.env["T"], remove: () => undefined } : await makeMachineTree();
  lab = await startClientLab({ tree: tree.path });
  machine = await bootMachine(lab.client);
}, 300_000);
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  tree?.remove();
});

test("boots", async () => {
  console.log(await machine.must(["systemctl", "status", "--no-pager", "regclient.service"]));
  console.log(await machine.must(["journalctl", "--no-pager", "-u", "regclient*"]));
  await machine.reboot();
  console.log(await machine.must(["journalctl", "--no-pager", "-u", "regclient*"]));
});
