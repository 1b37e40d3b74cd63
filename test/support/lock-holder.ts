import { createLock } from "../../src/host/node-lock.ts";

// holds the lock named on the command line until it is killed
const hold = await createLock(process.argv[2] ?? "", "process of a test").tryAcquire();
process.stdout.write("release" in hold ? "held\n" : `held by ${hold.heldBy}\n`);
setInterval(() => undefined, 60_000);
