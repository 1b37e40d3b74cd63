import type { MessageRow } from "../message-row.ts";

/** What fails before or beside the registry: engines, builders, containerd, and the places of logins. */
export const clientRows: readonly MessageRow[] = [
  { pattern: /no basic auth credentials/, code: "RC-CRD-042", weight: 92, confirm: "regclient doctor {name}" },
  {
    pattern:
      /docker-credential-(?<helper>[\w.-]+)\\?"?(?:: executable file not found|.*(?:not installed|not available in PATH)|: no such file)/,
    code: "RC-CRD-040",
    weight: 97,
    confirm: "command -v docker-credential-{helper}",
  },
  {
    pattern: /exec: \\?"docker-credential-(?<helper>[\w.-]+)\\?": executable file not found/,
    code: "RC-CRD-040",
    weight: 98,
    confirm: "command -v docker-credential-{helper}",
  },
  {
    pattern:
      /Cannot autolaunch D-Bus|org\.freedesktop\.secrets was not provided|dbus-launch|The name is not activatable|Cannot create an item in a locked collection/,
    code: "RC-CRD-043",
    weight: 95,
    confirm: "busctl --user status org.freedesktop.secrets",
  },
  {
    pattern: /pass (?:store )?(?:is )?not initialized|pass init|gpg: decryption failed: No secret key/i,
    code: "RC-CRD-044",
    weight: 95,
    confirm: "pass ls",
  },
  {
    pattern: /The stub received bad data|exceeds the maximum (?:credential|length)/,
    code: "RC-CRD-002",
    weight: 60,
    confirm: "docker-credential-wincred list",
  },
  {
    pattern:
      /(?:Your password will be stored unencrypted in|credentials are stored unencrypted in) '?(?<file>[\w./~-]+\w)/,
    code: "RC-CRD-041",
    weight: 92,
    confirm: "grep -c auth {file}",
  },
  {
    pattern: /failed to fetch (?:oauth|anonymous) token.*x509:/,
    code: "RC-ENG-022",
    weight: 97,
    confirm: "curl -sI https://{authority}/",
  },
  {
    pattern: /failed to solve.*x509:|ERROR: failed to (?:push|do request|authorize).*x509:|buildkitd?.*x509:/,
    code: "RC-ENG-023",
    weight: 80,
    confirm: "docker buildx ls",
  },
  {
    pattern: /failed to solve.*server gave HTTP response|ERROR: failed to push.*server gave HTTP response/,
    code: "RC-ENG-023",
    weight: 97,
    confirm: "docker buildx ls",
  },
  {
    pattern: /(?:rpc error: code = \w+ desc = )?failed to pull and unpack image "?\\?"?(?<image>[\w.:/-]+).*x509:/,
    code: "RC-ENG-025",
    weight: 58,
    confirm: "containerd config dump | grep config_path",
  },
  {
    pattern: /crictl|code = Unknown desc = failed to pull and unpack image.*x509:/,
    code: "RC-ENG-025",
    weight: 62,
    confirm: "containerd config dump | grep config_path",
  },
  {
    pattern:
      /Cannot connect to the Docker daemon|Is the docker daemon running|docker\.sock: connect: (?:no such file|connection refused)/,
    code: "RC-ENG-001",
    weight: 96,
    confirm: "systemctl status docker",
  },
  {
    pattern:
      /permission denied while trying to connect to the [Dd]ocker (?:daemon socket|API)|dial unix \S*docker\.sock: connect: permission denied/,
    code: "RC-ENG-027",
    weight: 98,
    confirm: "ls -l /var/run/docker.sock; id",
  },
  {
    pattern:
      /unable to configure the Docker daemon with file (?<file>\S+):|daemon\.json: .*(?:invalid character|unexpected)/,
    code: "RC-CFG-034",
    weight: 97,
    confirm: "dockerd --validate --config-file {file}",
  },
  {
    pattern: /(?:WARNING: Error loading config file|Error loading config file:?) ?(?<file>[\w./~-]+\w)?/i,
    code: "RC-CFG-003",
    weight: 88,
    confirm: "python3 -m json.tool {file}",
  },
];
