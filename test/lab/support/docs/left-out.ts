/** A command line that is run by no test in this form. */
export interface LeftOut {
  readonly page: string;
  readonly command: string;
  readonly why: string;
}

const IMAGE = "test/lab/container-image.test.ts";
const ON_A_BASE = `needs an image of Docker Hub, and the lab has no way out; ${IMAGE} builds it on a base of its own`;
const MEASURES = "it measures for minutes on a quiet machine, and writes a page of the documentation";

/** With the reason; a row that could be run is a mistake. */
export const NOT_RUN: readonly LeftOut[] = [
  { page: "README.md", command: "scripts/test", why: "it would start this test" },
  { page: "CONTRIBUTING.md", command: "scripts/test", why: "it would start this test" },
  {
    page: "CONTRIBUTING.md",
    command: "scripts/test --unit",
    why: "all other tests, for minutes; what it starts is run before this",
  },
  { page: "CONTRIBUTING.md", command: "scripts/bench", why: MEASURES },
  { page: "CONTRIBUTING.md", command: "scripts/simulate-fleet", why: MEASURES },
  { page: "docs/performance.md", command: "scripts/bench", why: MEASURES },
  { page: "docs/fleet.md", command: "scripts/simulate-fleet", why: MEASURES },
  ...leaveOut("packaging/Containerfile", ON_A_BASE, [
    "scripts/package && podman build -t regclient:0.1.0 -f packaging/Containerfile build",
  ]),
  ...leaveOut("docs/install.md", ON_A_BASE, [
    "scripts/package && podman build -t regclient:VERSION -f packaging/Containerfile build",
  ]),
  ...leaveOut("docs/install.md", `needs that image; ${IMAGE} does the same with its own`, [
    "mkdir -p /run/regclient",
    "alias regclient='podman run --rm -it --network host --read-only --cap-drop all --cap-add CHOWN,DAC_OVERRIDE,FOWNER \\\n" +
      "  --security-opt no-new-privileges -v /:/host -v /run/regclient:/run/regclient regclient:VERSION --root /host'",
    "regclient enroll devregistry --address 10.10.62.103 --fingerprint sha256:… --username xl --no-docker-config",
  ]),
  ...leaveOut("docs/install.md", `needs that image; ${IMAGE} runs the program in its place`, [
    "id=$(podman create regclient:VERSION)",
    "podman cp $id:/usr/local/bin/regclient /usr/local/bin/docker-credential-regclient && podman rm $id",
  ]),
  {
    page: "docs/install.md",
    command: "npm pack && npm install --global --prefix /opt/regclient ./regclient-VERSION.tgz",
    why: "needs the npm registry, and the lab has no way out; test/lab/npm-package.test.ts runs it outside of the lab",
  },
  {
    page: "fleet/ansible/playbook.yml",
    command: "ansible-playbook -i hosts playbook.yml [--check]",
    why: "the inventory is the reader's own; test/lab/ansible.test.ts runs the role over hosts of the lab, with --check too",
  },
  {
    page: "docs/fleet.md",
    command: "kubectl -n kube-system rollout restart daemonset/regclient",
    why: "there is no Kubernetes; test/lab/daemonset.test.ts starts the pod that it would start anew, and ends it",
  },
];

function leaveOut(page: string, why: string, commands: readonly string[]): readonly LeftOut[] {
  return commands.map((command) => ({ page, command, why }));
}
