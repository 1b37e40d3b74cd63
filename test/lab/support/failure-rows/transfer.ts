import { name, type Bench } from "../failure-bench.ts";
import { headersPassed } from "../failure-front.ts";
import type { FailureRow } from "./row.ts";

const verify = ["verify", name, "--via", "direct"];

const server =
  (...lines: readonly string[]) =>
  ({ front }: Bench): Promise<void> =>
    front(() => ({ server: lines }));

const redirecting =
  (target: string) =>
  ({ front }: Bench): Promise<void> =>
    front((good) => ({
      http: ['map "$request_method $uri" $blob { default 0; "~^GET .*/blobs/sha256" 1; }'],
      location: [...good.location, `if ($blob) { return 307 ${target}$request_uri; }`],
    }));

/** Pushing and pulling. */
export const transferRows: readonly FailureRow[] = [
  {
    title: "a limit on the size of bodies, where not even two bytes may pass",
    symptom: "413 Request Entity Too Large; invalid character '<'",
    code: "RC-PSH-004",
    known: 13,
    host: "enrolled",
    breaks: server("client_max_body_size 1;"),
  },
  {
    title: "a limit on the size of bodies",
    symptom: "413 Request Entity Too Large; invalid character '<'",
    code: "RC-PSH-004",
    known: 13,
    host: "enrolled",
    command: verify,
    breaks: server("client_max_body_size 500;"),
  },
  {
    title: "the proxy does not say that the client came by TLS",
    symptom: "the upload goes to http://, and gets 400 or 301",
    code: "RC-PSH-009",
    known: 14,
    host: "enrolled",
    breaks: ({ front }) => front(() => ({ location: [headersPassed.host] })),
  },
  {
    title: "the proxy does not pass the name on",
    symptom: "the upload goes to 127.0.0.1:5000",
    code: "RC-PSH-010",
    known: 14,
    host: "enrolled",
    breaks: ({ front }) => front(() => ({ location: [headersPassed.scheme] })),
  },
  {
    title: "neither is passed on, and the registry gives relative addresses",
    symptom: "none",
    code: "",
    known: 14,
    host: "enrolled",
    breaks: async ({ front, registry }) => {
      await registry({ http: { relativeurls: true } });
      await front(() => ({ location: [] }));
    },
  },
  {
    title: "the proxy drops where to upload",
    symptom: "push fails without a reason",
    code: "RC-PSH-011",
    host: "enrolled",
    breaks: ({ front }) => front((good) => ({ location: [...good.location, "proxy_hide_header Location;"] })),
  },
  {
    title: "a registry in read-only mode",
    symptom: "405 Method Not Allowed",
    code: "RC-PSH-005",
    known: 17,
    host: "enrolled",
    breaks: ({ registry }) =>
      registry({
        storage: {
          filesystem: { rootdirectory: "/var/lib/lab-registry" },
          maintenance: { readonly: { enabled: true } },
        },
      }),
  },
  {
    title: "a proxy that allows no POST",
    symptom: "405 Not Allowed",
    code: "RC-PSH-005",
    known: 17,
    host: "enrolled",
    breaks: ({ front }) =>
      front((good) => ({ location: [...good.location, "if ($request_method = POST) { return 405; }"] })),
  },
  {
    title: "a registry that does not delete",
    symptom: "405 UNSUPPORTED, to DELETE",
    code: "",
    known: 17,
    host: "enrolled",
    command: verify,
    breaks: ({ registry }) =>
      registry({ storage: { filesystem: { rootdirectory: "/var/lib/lab-registry" }, delete: { enabled: false } } }),
  },
  {
    title: "a full disk",
    symptom: "Retrying in 5 seconds; received unexpected HTTP status: 500",
    code: "RC-PSH-007",
    known: 18,
    host: "enrolled",
    breaks: async ({ run, lab, registry }) => {
      const small = "/var/lib/small";
      const fill = `mkdir -p ${small} && mount -t tmpfs -o size=64k lab ${small} && (cat /dev/zero >${small}/fill || true)`;
      await run(lab.registry, fill, `umount ${small}`);
      await registry({ storage: { filesystem: { rootdirectory: small } } });
    },
  },
  {
    title: "the registry breaks while uploading",
    symptom: "received unexpected HTTP status: 500 Internal Server Error",
    code: "RC-PSH-006",
    known: 18,
    host: "enrolled",
    breaks: ({ front }) =>
      front((good) => ({ location: [...good.location, "if ($request_method = PUT) { return 500; }"] })),
  },
  {
    title: "a cache that answers with another manifest",
    symptom: "manifest verification failed for digest",
    code: "RC-PSH-014",
    host: "enrolled",
    command: verify,
    breaks: ({ front }) =>
      front((good) => ({
        http: ['map "$request_method $uri" $stale { default 0; "~^GET .*/manifests/" 1; }'],
        location: [
          ...good.location,
          "default_type application/vnd.oci.image.manifest.v1+json;",
          `if ($stale) { return 200 '{"schemaVersion":2}'; }`,
        ],
      })),
  },
  {
    title: "a proxy that forbids POST",
    symptom: "403 Forbidden, with a page",
    code: "RC-PSH-017",
    known: 17,
    host: "enrolled",
    breaks: ({ front }) => front((good) => ({ location: [...good.location, "limit_except GET HEAD { deny all; }"] })),
  },
  {
    title: "a proxy that hangs up while uploading",
    symptom: "write: broken pipe; EOF",
    code: "RC-NET-012",
    known: 13,
    host: "enrolled",
    breaks: ({ front }) =>
      front((good) => ({ location: [...good.location, "if ($request_method = PUT) { return 444; }"] })),
  },
  {
    title: "a registry that was told another name",
    symptom: "the upload goes to https://old.test",
    code: "RC-PSH-010",
    known: 14,
    host: "enrolled",
    breaks: ({ registry }) => registry({ http: { host: "https://old.test" } }),
  },
  {
    title: "a repository with capitals",
    symptom: "invalid reference format: repository name must be lowercase",
    code: "RC-CFG-005",
    host: "enrolled",
    command: [...verify, "--repository", "Team/App"],
    twin: verify,
    breaks: () => undefined,
  },
  {
    title: "blobs are redirected to http://",
    symptom: "a pull that goes out in clear, or is refused",
    code: "RC-PSH-018",
    host: "enrolled",
    command: verify,
    breaks: redirecting("http://storage.test"),
  },
  {
    title: "blobs are redirected to a storage that only the registry knows",
    symptom: "dial tcp: lookup storage.internal: no such host",
    code: "RC-PSH-019",
    host: "enrolled",
    command: verify,
    breaks: redirecting("https://storage.internal"),
  },
];
