import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { requireLab, startLab, type Lab } from "../../test/lab/lab.ts";
import { checkout } from "../../test/lab/support/holder.ts";
import { interleave, type Comparison, type Contender } from "./interleave.ts";

const ADDRESS = "10.10.62.103";
const PASSWORD = "measured";
// Go reads /etc/hosts at most every five seconds: both begin with a daemon that will look again
const HOSTS_CACHE_MS = 5200;

/** Enrolling with verification, against the same steps done by hand: the wiki page that people follow today. */
export async function benchEnroll(runs: number): Promise<readonly Comparison[]> {
  requireLab();
  await using lab = await startLab();
  const up = await lab.registry.devregistry(["up", "--address", ADDRESS, "--username", "xl", "--password-stdin"], {
    stdin: `${PASSWORD}\n`,
  });
  if (up.code !== 0) throw new Error(up.stderr);
  await lab.client.startDockerd();
  const fingerprint = (await lab.registry.devregistry(["fingerprint"])).stdout.trim();
  writeFileSync(lab.client.path("/tmp/by-hand.sh"), BY_HAND);
  const comparison = await interleave(
    "enroll, verified by push and pull",
    regclient(lab, fingerprint),
    byHand(lab),
    runs,
  );
  await lab.client.stopDockerd();
  return [comparison];
}

const BY_HAND = `set -eu
printf '%s\\tdevregistry\\n' ${ADDRESS} >> /etc/hosts
for name in devregistry devregistry:443; do
  mkdir -p /etc/docker/certs.d/$name
done
openssl s_client -connect ${ADDRESS}:443 -servername devregistry </dev/null 2>/dev/null | openssl x509 > /tmp/ca.crt
openssl x509 -in /tmp/ca.crt -noout -fingerprint -sha256 >/dev/null
for name in devregistry devregistry:443; do
  install -m 644 /tmp/ca.crt /etc/docker/certs.d/$name/ca.crt
done
docker login --username xl --password-stdin devregistry:443 2>/dev/null
head -c 1024 /dev/urandom > /tmp/content
tar -C /tmp -c content | docker import - devregistry:443/by-hand:check
docker push devregistry:443/by-hand:check
docker rmi devregistry:443/by-hand:check
docker pull devregistry:443/by-hand:check
docker rmi devregistry:443/by-hand:check
`;

const CLEAN = `sed -i /devregistry/d /etc/hosts; rm -rf /etc/docker/certs.d /root/.docker /tmp/ca.crt`;

function byHand(lab: Lab): Contender {
  return {
    name: "by hand: openssl, install, docker login, push, pull",
    prepare: async () => {
      await must(lab, ["sh", "-c", CLEAN]);
      await wait(HOSTS_CACHE_MS);
    },
    run: async () => must(lab, ["sh", "/tmp/by-hand.sh"], PASSWORD),
  };
}

function regclient(lab: Lab, fingerprint: string): Contender {
  const program = `${checkout}/bin/regclient`;
  const trust = ["--address", ADDRESS, "--fingerprint", fingerprint];
  return {
    name: "regclient enroll",
    prepare: async () => {
      await lab.client.run([program, "unenroll", "devregistry"]);
      await must(lab, ["sh", "-c", CLEAN]);
      await wait(HOSTS_CACHE_MS);
    },
    run: async () =>
      must(lab, [program, "enroll", "devregistry", ...trust, "--username", "xl", "--password-stdin"], PASSWORD),
  };
}

async function must(lab: Lab, argv: readonly string[], stdin = ""): Promise<void> {
  const done = await lab.client.run([...argv], { stdin });
  if (done.code !== 0) throw new Error(`${argv.join(" ")}: exit ${done.code}\n${done.stdout}\n${done.stderr}`);
}
