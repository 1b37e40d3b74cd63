import { readFileSync } from "node:fs";
import { address, name, type Bench } from "../failure-bench.ts";
import type { Stub } from "../failure-stub.ts";
import type { FailureRow } from "./row.ts";

const local = "127.0.0.1\tlocalhost\n";
const hosts =
  (...addresses: readonly string[]) =>
  ({ write, byHand }: Bench): void =>
    write(byHand, "/etc/hosts", local + addresses.map((each) => `${each}\t${name}\n`).join(""));

const asking =
  (stub: Stub, more: (bench: Bench) => void) =>
  async (bench: Bench): Promise<void> => {
    more(bench);
    bench.write(bench.byHand, "/etc/resolv.conf", `nameserver ${address}\n`);
    await bench.stub(stub);
  };

/** The name, the route, the port. */
export const networkRows: readonly FailureRow[] = [
  {
    title: "the alias is not in the hosts file, and no name server answers",
    symptom: "lookup devregistry: server misbehaving",
    code: "RC-NET-018",
    host: "byHand",
    breaks: hosts(),
  },
  {
    title: "the alias is not in the hosts file, and the name server does not know it",
    symptom: "lookup devregistry on 10.10.62.103:53: no such host",
    code: "RC-NET-001",
    host: "byHand",
    breaks: asking({ kind: "names" }, hosts()),
  },
  {
    title: "the name server says loopback",
    symptom: "dial tcp 127.0.0.1:443: connect: connection refused",
    code: "RC-ALI-003",
    known: 25,
    host: "byHand",
    breaks: asking({ kind: "names", address: "127.0.0.1" }, hosts()),
  },
  {
    title: "the name server is asked before the hosts file, and says another address",
    symptom: "dial tcp 10.10.62.99:443: connect: no route to host",
    code: "!RC-ALI-010",
    host: "enrolled",
    breaks: async (bench) => {
      bench.write(bench.enrolled, "/etc/nsswitch.conf", "hosts: dns files\n");
      bench.write(bench.enrolled, "/etc/resolv.conf", `nameserver ${address}\n`);
      await bench.stub({ kind: "names", address: "10.10.62.99" });
    },
  },
  {
    title: "the alias was taken out of the hosts file after enrolling",
    symptom: "lookup devregistry: no such host",
    code: "RC-CFG-033",
    host: "enrolled",
    breaks: ({ write, enrolled }) => write(enrolled, "/etc/hosts", local),
  },
  {
    title: "the alias leads to loopback",
    symptom: "dial tcp 127.0.0.1:443: connect: connection refused",
    code: "RC-ALI-002",
    known: 25,
    host: "byHand",
    breaks: hosts("127.0.0.1"),
  },
  {
    title: "the alias leads to an address that nobody has",
    symptom: "dial tcp 10.10.62.99:443: connect: no route to host",
    code: "RC-NET-003",
    host: "byHand",
    breaks: hosts("10.10.62.99"),
  },
  {
    title: "the alias leads to another host",
    symptom: "dial tcp 10.10.62.10:443: connect: connection refused",
    code: "RC-NET-002",
    host: "byHand",
    breaks: hosts("10.10.62.10"),
  },
  {
    title: "an IPv6 address to which there is no route",
    symptom: "dial tcp [2001:db8::103]:443: connect: network is unreachable",
    code: "RC-NET-003",
    known: 24,
    host: "byHand",
    breaks: hosts("2001:db8::103"),
  },
  {
    title: "an IPv6 address to which there is no route, beside an IPv4 address that works",
    symptom: "slow or failing pulls, now and then",
    code: "!RC-NET-030",
    known: 24,
    host: "byHand",
    breaks: hosts(address, "2001:db8::103"),
  },
  {
    title: "an old line for the same name",
    symptom: "slow or failing pulls, now and then",
    code: "!RC-NET-030",
    host: "byHand",
    breaks: hosts("10.10.62.99", address),
  },
  {
    title: "an old line for the same name, above the enrolled one",
    symptom: "dial tcp 10.10.62.99:443: connect: no route to host",
    code: "!RC-NET-030",
    host: "enrolled",
    breaks: ({ write, enrolled }) =>
      write(enrolled, "/etc/hosts", `10.10.62.99\t${name}\n${readFileSync(enrolled.path("/etc/hosts"), "utf8")}`),
  },
  {
    title: "a router that says unreachable",
    symptom: "connect: no route to host",
    code: "RC-NET-003",
    host: "byHand",
    breaks: ({ run, byHand }) =>
      run(byHand, `ip route add unreachable ${address}`, `ip route del unreachable ${address}`),
  },
  {
    title: "a firewall that prohibits",
    symptom: "connect: permission denied",
    code: "RC-NET-003",
    host: "byHand",
    breaks: ({ run, byHand }) => run(byHand, `ip route add prohibit ${address}`, `ip route del prohibit ${address}`),
  },
  {
    title: "packets vanish on the way",
    symptom: "dial tcp: i/o timeout",
    code: "RC-NET-004",
    host: "byHand",
    breaks: ({ run, lab }) =>
      run(lab.registry, "ip route add blackhole 10.10.62.11", "ip route del blackhole 10.10.62.11"),
  },
  {
    title: "nothing listens",
    symptom: "connect: connection refused",
    code: "RC-NET-002",
    host: "enrolled",
    breaks: ({ stopFront }) => stopFront(),
  },
];
