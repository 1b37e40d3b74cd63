import { name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const folder = `/etc/docker/certs.d/${name}:443`;
const file =
  (path: string, content: string | ((bench: Bench) => string | Uint8Array)) =>
  (bench: Bench): void =>
    bench.write(bench.byHand, path, typeof content === "string" ? content : content(bench));

/** Docker's files on the host. */
export const directoryRows: readonly FailureRow[] = [
  {
    title: "a client's key without its certificate",
    symptom: "missing client certificate client.cert for key client.key",
    code: "RC-CFG-030",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/client.key`, "x"),
  },
  {
    title: "a client's certificate without its key",
    symptom: "missing key client.key for client certificate client.cert",
    code: "RC-CFG-030",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/client.cert`, "x"),
  },
  {
    title: "a directory called *.crt",
    symptom: "read …/old.crt: is a directory",
    code: "RC-CFG-030",
    known: 1,
    host: "byHand",
    breaks: ({ run, byHand }) => run(byHand, `mkdir ${folder}/old.crt`, `rmdir ${folder}/old.crt`),
  },
  {
    title: "a link that leads nowhere",
    symptom: "open …/old.crt: no such file or directory",
    code: "RC-CFG-030",
    known: 1,
    host: "byHand",
    breaks: ({ run, byHand }) => run(byHand, `ln -s /nowhere ${folder}/old.crt`, `rm ${folder}/old.crt`),
  },
  {
    title: "an empty CA",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-CFG-031",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/ca.crt`, ""),
  },
  {
    title: "a CA in DER",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-CFG-031",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/ca.crt`, ({ ca }) => ca.certificate.der),
  },
  {
    title: "a CA with a byte order mark",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-CFG-031",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/ca.crt`, ({ ca }) => `\ufeff${ca.certificate.pem}`),
  },
  {
    title: "a CA with Windows line ends",
    symptom: "none",
    code: "",
    known: 1,
    host: "byHand",
    breaks: file(`${folder}/ca.crt`, ({ ca }) => ca.certificate.pem.replaceAll("\n", "\r\n")),
  },
  {
    title: "a CA called ca.pem",
    symptom: "x509: certificate signed by unknown authority",
    code: "RC-CFG-031",
    known: 1,
    host: "byHand",
    breaks: ({ run, byHand }) =>
      run(byHand, `mv ${folder}/ca.crt ${folder}/ca.pem`, `mv ${folder}/ca.pem ${folder}/ca.crt`),
  },
  {
    title: "somebody changed ca.crt after enrolling",
    symptom: "nothing, or x509: certificate signed by unknown authority",
    code: "RC-CFG-033",
    known: 1,
    host: "enrolled",
    breaks: ({ write, enrolled, ca }) => write(enrolled, `${folder}/ca.crt`, `${ca.certificate.pem}# mine\n`),
  },
  {
    title: "a comma too many in daemon.json",
    symptom: "unable to configure the Docker daemon with file /etc/docker/daemon.json",
    code: "RC-CFG-034",
    host: "byHand",
    breaks: file("/etc/docker/daemon.json", '{"debug": true,}'),
  },
];
