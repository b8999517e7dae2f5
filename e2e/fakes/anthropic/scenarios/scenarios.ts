import { betaScenarios } from './beta-scenarios';
import { endingScenarios } from './ending-scenarios';
import { futureScenarios } from './future-scenarios';
import type { Scenario } from './scenario';
import { serverToolScenarios } from './server-tool-scenarios';
import { textScenarios } from './text-scenarios';
import { thinkingScenarios } from './thinking-scenarios';
import { toolScenarios } from './tool-scenarios';

const ALL: Scenario[] = [
  ...textScenarios,
  ...thinkingScenarios,
  ...toolScenarios,
  ...serverToolScenarios,
  ...betaScenarios,
  ...endingScenarios,
  ...futureScenarios,
];

export const SCENARIO_NAMES: readonly string[] = ALL.map((scenario) => scenario.name);

export function findScenario(name: string): Scenario | undefined {
  return ALL.find((scenario) => scenario.name === name);
}
