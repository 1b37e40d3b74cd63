import { measureRates, timeToShare } from "./measures.ts";
import { listScenarios } from "./scenarios.ts";
import { simulate } from "./schedule.ts";

const SEED = 1;

/** Plays every scenario; a table of how often the fleet asks, per second. */
export function tabulateSchedule(agents: number): readonly string[] {
  return [
    "| what happens | when | mean | busiest minute | busiest second |",
    "|---|---|---:|---:|---:|",
    ...listScenarios(agents).flatMap((scenario) => {
      const { all } = simulate(scenario, SEED);
      return scenario.stretches.map(({ name, from, to }, index) => {
        const { mean, busiestMinute, busiestSecond } = measureRates(all, from, to);
        const numbers = `${mean.toFixed(1)} | ${busiestMinute.toFixed(0)} | ${busiestSecond}`;
        return `| ${index === 0 ? scenario.name : ""} | ${name} | ${numbers} |`;
      });
    }),
    "",
    ...describeReturn(agents),
  ];
}

/** How soon a fleet is well again after an outage. */
function describeReturn(agents: number): readonly string[] {
  const scenario = listScenarios(agents).find(({ name }) => name.startsWith("the registry is away"));
  if (scenario?.isDown === undefined) return [];
  const away = scenario.isDown;
  let end = 0;
  for (let second = 0; second * 1000 < scenario.lengthMs; second += 1) if (away(second * 1000)) end = second + 1;
  const { answered } = simulate(scenario, SEED);
  const [half, most] = [0.5, 0.99].map((share) => timeToShare(answered, end, share, agents) ?? Number.NaN);
  return [
    `After the hour away, as many questions as half of the fleet are answered within ${minutes(half)} minutes, and as many as`,
    `99 % of it within ${minutes(most)}.`,
  ];
}

function minutes(seconds = Number.NaN): string {
  return (seconds / 60).toFixed(0);
}
