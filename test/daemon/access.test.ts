import { expect, test } from "vitest";
import { groupNumbers, mayHaveLogin } from "../../src/daemon/access.ts";

const DOCKER = 106;

test.each([
  ["root, whatever is allowed", { uid: 0, gid: 0, groups: [] }, [], true],
  ["one whose own group is allowed", { uid: 1000, gid: DOCKER, groups: [] }, [DOCKER], true],
  ["one who is in the group besides", { uid: 1000, gid: 1000, groups: [4, DOCKER] }, [DOCKER], true],
  ["one of two groups", { uid: 1000, gid: 1000, groups: [50] }, [DOCKER, 50], true],
  ["one who is in none", { uid: 1000, gid: 1000, groups: [4, 27] }, [DOCKER], false],
  ["one in group 0 but not root", { uid: 1000, gid: 0, groups: [0] }, [DOCKER], false],
  ["anybody, when no group is allowed", { uid: 1000, gid: DOCKER, groups: [DOCKER] }, [], false],
  ["ids this user namespace has no number for", { uid: 65534, gid: 65534, groups: [65534] }, [65534], false],
])("%s", (_, peer, allowed, expected) => {
  expect(mayHaveLogin(peer, allowed)).toBe(expected);
});

test.each([
  ["root:x:0:\ndocker:x:106:xl,ci\nci:x:998:\n", ["docker"], [106]],
  ["docker:x:106:\nci:x:998:", ["docker", "ci"], [106, 998]],
  ["dockerx:x:1:\nxdocker:x:2:\n#docker:x:3:\n", ["docker"], []],
  ["docker:x::\nci:x:-1:\nops:x:0x10:\ndev", ["docker", "ci", "ops", "dev"], []],
  ["", ["docker"], []],
])("numbers in %j of %j", (text, names, expected) => {
  expect(groupNumbers(text, names)).toEqual(expected);
});
