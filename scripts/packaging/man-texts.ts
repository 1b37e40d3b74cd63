import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bold, paragraphs, renderPage, termList, verbatim, type ManualPage, type PageSection } from "./roff.ts";

const CLI_PAGE = join(import.meta.dirname, "../../docs/cli.md");

/** The exit codes, from the table of docs/cli.md. */
export function exitStatus(): PageSection {
  const rows = [...readFileSync(CLI_PAGE, "utf8").matchAll(/^\| (\d) \| (.*) \|$/gm)];
  if (rows.length < 9) throw new Error("docs/cli.md has no table of exit codes");
  const items = rows.map(([, code = "", text = ""]) => ({ term: bold(code), text: text.replace(/: see below$/, "") }));
  return { heading: "EXIT STATUS", body: termList(items) };
}

/** What regclient(1) says first. */
export function introduction(): string {
  return paragraphs(
    "regclient makes a Docker host trust a private registry, log in to it, and prove that push and pull work; and takes all of it back, byte for byte. If trust, login or a write fails on the way, the host is as it was before.",
    "It never trusts what a network merely shows: without a fingerprint, a CA file, or a person who compares, it refuses and says how to get the true one.",
    "Results go to standard output, progress and messages to standard error. Without a terminal nothing ever asks.",
  );
}

/** Variables that commands look at. */
export function environment(): PageSection {
  const items = [
    { term: bold("NO_COLOR"), text: "no colours, if it is not empty" },
    { term: bold("DOCKER_CONFIG"), text: "the folder of the caller's config.json, as for docker" },
    { term: bold("SHELL"), text: "the shell that completion is printed for, if none is named" },
  ];
  return { heading: "ENVIRONMENT", body: termList(items) };
}

/** Files that are read or written. */
export function files(): PageSection {
  const items = [
    {
      term: bold("/etc/regclient/registries.d/NAME.yaml"),
      text: "what the host is to look like: see regclient.yaml(5)",
    },
    { term: bold("/etc/regclient/daemon.yaml"), text: "settings of the daemon, if there are any" },
    { term: bold("/etc/docker/certs.d/NAME/ca.crt"), text: "the certificates that Docker trusts for the registry" },
    { term: bold("/etc/hosts"), text: "the alias, in a marked block" },
    { term: bold("~/.docker/config.json"), text: "the credential helper, for the registry's names" },
    { term: bold("/var/lib/regclient"), text: "records of what was changed, and sealed logins" },
    { term: bold("/run/regclient/credentials.sock"), text: "where the daemon answers the credential helper" },
  ];
  return { heading: "FILES", body: termList(items) };
}

/** Pages of section 1 beside this one. */
export function seeAlso(names: readonly string[]): PageSection {
  const pages = [...names.map((name) => `${bold(name)}(1)`), `${bold("regclient.yaml")}(5)`];
  return { heading: "SEE ALSO", body: pages.join(",\n") };
}

/** docker-credential-regclient(1). */
export function helperPage(day: string): ManualPage {
  const commands = [
    {
      term: bold("get"),
      text: "reads a server's name, prints its login as JSON; the caller's keychain is asked first, then the daemon",
    },
    { term: bold("list"), text: "prints the names and users of all logins, never a password" },
    { term: bold("store"), text: "keeps a login, as docker login does" },
    { term: bold("erase"), text: "removes one, as docker logout does" },
    { term: bold("version"), text: "prints the version" },
  ];
  return renderPage("docker-credential-regclient", 1, {
    what: "gives Docker the logins of private registries",
    day,
    sections: [
      { heading: "SYNOPSIS", body: `${bold("docker-credential-regclient")} get|list|store|erase|version` },
      {
        heading: "DESCRIPTION",
        body: paragraphs(
          "Docker calls it by itself, once enrolling has put it into config.json; podman, skopeo and buildah do as well. It speaks Docker's credential helper protocol: the question is read from standard input, the answer printed on standard output.",
        ),
      },
      { heading: "COMMANDS", body: termList(commands) },
      {
        heading: "EXIT STATUS",
        body: paragraphs("0, or 1 with the reason on standard output, as the protocol has it."),
      },
      {
        heading: "FILES",
        body: termList([{ term: bold("/run/regclient/credentials.sock"), text: "the daemon's socket" }]),
      },
      { heading: "EXAMPLES", body: verbatim(["echo devregistry:443 | docker-credential-regclient get"]) },
      seeAlso(["regclient", "regclient-login", "regclient-daemon"]),
    ],
  });
}
