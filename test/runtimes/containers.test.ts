import { expect, test } from "vitest";
import { containersRuntime } from "../../src/runtimes/containers.ts";
import { BUNDLE, caseOf, seen, wantsOn, type Tree } from "./seen.ts";

const own = "/etc/containers/certs.d/reg.test:5000";
const dockers = "/etc/docker/certs.d/reg.test:5000";
const alone = { selected: ["containers"] } as const;

test.each([
  ["with Docker, its directory is read", {}, {}, []],
  ["with Docker, theirs is written to where it is", { [`${own}/other.crt`]: "" }, {}, [`${own}/ca.crt`]],
  ["alone, it has a directory of its own", {}, alone, [`${own}/ca.crt`]],
  ["alone, a directory of Docker's is not hidden", { [`${dockers}/other.crt`]: "" }, alone, [`${dockers}/ca.crt`]],
  ["alone, the first of both is written", { [`${own}/`]: "", [`${dockers}/`]: "" }, alone, [`${own}/ca.crt`]],
])("%s", async (_, tree: Tree, more, paths) => {
  const about = caseOf("reg.test:5000", more);
  const wants = await wantsOn(containersRuntime, tree, about);
  expect(wants.files.map(({ path }) => path)).toEqual(paths);
  expect(wants.notes).toHaveLength(paths.length === 0 ? 1 : 0);
  const reads = containersRuntime.reads(about, await seen(containersRuntime, tree, about));
  expect(reads).toEqual(paths.length === 0 ? [`${dockers}/ca.crt`] : paths);
});

test("each name of a registry on 443 is looked up for itself", async () => {
  const tree = { "/etc/containers/certs.d/devregistry:443/": "" };
  const wants = await wantsOn(containersRuntime, tree, caseOf("devregistry"));
  expect(wants.files.map(({ path }) => path)).toEqual(["/etc/containers/certs.d/devregistry:443/ca.crt"]);
});

const users = "/home/xl/.config/containers/certs.d/reg.test:5000";
test.each([
  ["an empty one", { [`${users}/`]: "" }, ["RC-RUN-002"]],
  ["one with another CA", { [`${users}/ca.crt`]: "another\n" }, ["RC-RUN-002"]],
  ["one with the same certificates", { [`${users}/x.crt`]: BUNDLE }, []],
  ["one for another registry", { "/home/xl/.config/containers/certs.d/other:1/": "" }, []],
])("a user's own directory hides what is written: %s", async (_, tree: Tree, codes) => {
  const accounts = [{ login: "xl", uid: 1000, gid: 1000, home: "/home/xl" }];
  const { warnings } = await wantsOn(containersRuntime, tree, caseOf("reg.test:5000", { accounts }));
  expect(warnings.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(warnings[0]?.fix[0]).toBe(`ln -s ${dockers}/ca.crt ${users}/regclient.crt`);
});

const conf = "/etc/containers/registries.conf";
test.each([
  ["insecure", conf, '[[registry]]\nlocation = "reg.test:5000"\ninsecure = true\n', ["RC-RUN-003"]],
  [
    "insecure by its prefix",
    conf,
    '[[registry]]\nprefix = "reg.test:5000/team"\nlocation = "x"\ninsecure = true\n',
    ["RC-RUN-003"],
  ],
  [
    "insecure in a drop-in",
    "/etc/containers/registries.conf.d/a.conf",
    '[[registry]]\nlocation = "reg.test:5000"\ninsecure = true\n',
    ["RC-RUN-003"],
  ],
  ["insecure in the old form", conf, '[registries.insecure]\nregistries = ["reg.test:5000"]\n', ["RC-RUN-003"]],
  ["blocked", conf, '[[registry]]\nlocation = "reg.test:5000"\nblocked = true\n', ["RC-RUN-004"]],
  ["no TOML", conf, "registries = [\n", ["RC-RUN-005"]],
  ["another's", conf, '[[registry]]\nlocation = "other"\ninsecure = true\nblocked = true\n', []],
  [
    "verified",
    conf,
    'unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "reg.test:5000"\ninsecure = false\n',
    [],
  ],
  [
    "no drop-in",
    "/etc/containers/registries.conf.d/a.conf.bak",
    '[[registry]]\nlocation = "reg.test:5000"\ninsecure = true\n',
    [],
  ],
])("registries.conf says %s", async (_, path, text, codes) => {
  const { warnings } = await wantsOn(containersRuntime, { [path]: text }, caseOf("reg.test:5000"));
  expect(warnings.map(({ code }) => code)).toEqual(codes);
});

test("half a client certificate in the directory that is read is a conflict; elsewhere it is not read", async () => {
  const half = await wantsOn(containersRuntime, { [`${own}/a.key`]: "" }, caseOf("reg.test:5000"));
  expect(half.conflicts.map(({ code }) => code)).toEqual(["RC-RUN-001"]);
  const hidden = await wantsOn(
    containersRuntime,
    { [`${own}/`]: "", [`${dockers}/a.key`]: "" },
    caseOf("reg.test:5000"),
  );
  expect(hidden.conflicts).toEqual([]);
});
