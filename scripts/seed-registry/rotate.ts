import { makeCertificate } from "./certificate.ts";
import {
  keepCertificate,
  promoteNext,
  publishTrust,
  readCertificate,
  readKey,
  rememberSlots,
  removeUnused,
  restoreSlots,
} from "./certificates.ts";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { done, failed, type Outcome } from "./fault.ts";
import { waitForHealth } from "./health.ts";
import { openInstance, type Instance } from "./instance.ts";
import { report, type Context, type Report } from "./report.ts";
import { startOf } from "./up.ts";

/** `now`: make and serve; `announce`: make and only publish; `activate`: serve the announced; `withdraw`: drop it. */
export type RotateStep = "now" | "announce" | "activate" | "withdraw";

/** The options of `rotate`. */
export interface RotateOptions {
  readonly step: RotateStep;
  readonly sameKey: boolean;
  /** Lifetime of the new certificate; undefined: as set at `up`. */
  readonly days: number | undefined;
}

const RELOAD_LIMIT_MS = 10_000;

/** Replaces the certificate, or does one step of that. A failure leaves the old certificate served and published. */
export async function rotate(data: string, options: RotateOptions, context: Context): Promise<Outcome<Report>> {
  const instance = openInstance(data);
  if (!instance.ok) return instance;
  const { layout } = instance.value;
  const announced = readCertificate(layout, "next");
  const bad = refuseStep(options.step, announced?.fingerprint);
  if (bad !== undefined) return bad;
  switch (options.step) {
    case "announce":
      return done(announce(instance.value, options, context));
    case "withdraw":
      rmSync(join(layout.tls, "next"));
      publishTrust(layout);
      removeUnused(layout);
      return done(report(`withdrawn: ${announced?.fingerprint}`));
    case "activate":
    case "now":
      return await serveNew(instance.value, options, context);
  }
}

function refuseStep(step: RotateStep, announced: string | undefined): ReturnType<typeof failed> | undefined {
  const ways = ["scripts/devregistry rotate --activate", "scripts/devregistry rotate --withdraw"];
  if ((step === "announce" || step === "now") && announced !== undefined)
    return failed(`a certificate is announced already: ${announced}`, ways);
  if ((step === "activate" || step === "withdraw") && announced === undefined)
    return failed("no certificate is announced", ["scripts/devregistry rotate --announce"]);
  return undefined;
}

function announce(instance: Instance, options: RotateOptions, context: Context): Report {
  makeInto("next", instance, options, context);
  publishTrust(instance.layout);
  return report(
    `announced: ${instance.layout.trust} now holds the coming certificate beside the current one`,
    `current  ${fingerprintIn(instance, "current")}`,
    `coming   ${fingerprintIn(instance, "next")}`,
    "",
    "next, when the clients have had time to see it:",
    "  scripts/devregistry rotate --activate",
  );
}

async function serveNew(instance: Instance, options: RotateOptions, context: Context): Promise<Outcome<Report>> {
  const { layout, engine } = instance;
  const slots = rememberSlots(layout);
  const old = fingerprintIn(instance, "current");
  if (options.step === "activate") promoteNext(layout);
  else makeInto("current", instance, options, context);
  publishTrust(layout);
  const isRunning = engine.parts().some(({ name, isRunning }) => name === "nginx" && isRunning);
  const served = isRunning ? await reload(instance, context) : done(undefined);
  if (!served.ok) {
    restoreSlots(layout, slots);
    engine.reload();
  }
  removeUnused(layout);
  if (!served.ok) return served;
  const state = isRunning ? "served now" : "to be served at the next up";
  return done(report(`old  ${old}`, `new  ${fingerprintIn(instance, "current")}, ${state}`));
}

/** nginx takes the certificate only when it can read it; what is served says whether it did. */
async function reload(instance: Instance, { signal }: Context): Promise<Outcome<void>> {
  const asked = instance.engine.reload();
  if (!asked.ok) return asked;
  const wanted = fingerprintIn(instance, "current");
  const health = await waitForHealth(instance.settings, signal, RELOAD_LIMIT_MS, ({ served }) => served === wanted);
  if (health.served === wanted) return done(undefined);
  return failed("nginx did not take the new certificate", ["scripts/devregistry logs"], [health.front]);
}

function makeInto(slot: "current" | "next", instance: Instance, options: RotateOptions, context: Context): void {
  const { layout, settings } = instance;
  const key = options.sameKey ? readKey(layout, "current") : undefined;
  const days = options.days ?? settings.days;
  keepCertificate(layout, slot, makeCertificate({ ...settings, days, notBefore: startOf(context.now()), key }));
}

function fingerprintIn({ layout }: Instance, slot: "current" | "next"): string {
  const kept = readCertificate(layout, slot);
  if (kept === undefined) throw new Error(`no ${slot} certificate`);
  return kept.fingerprint;
}
