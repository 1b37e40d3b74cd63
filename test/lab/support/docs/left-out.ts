/** A command line that is run by no test in this form. */
export interface LeftOut {
  readonly page: string;
  readonly command: string;
  readonly why: string;
}

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
  {
    page: "packaging/Containerfile",
    command: "scripts/package && podman build -t regclient -f packaging/Containerfile build",
    why: "needs an image of Docker Hub, and the lab has no way out; test/lab/daemonset.test.ts runs the program as the container would",
  },
  {
    page: "packaging/Containerfile",
    command: "podman run --rm -it --network host -v /:/host regclient --root /host enroll NAME …",
    why: "needs the image above; test/lab/daemonset.test.ts runs the program as the container would",
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
