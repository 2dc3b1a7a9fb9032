import { z } from 'zod';
import {
  CHECK_NAMES,
  CHECKS,
  USUAL_CHECKS,
  type CheckName,
  type CheckSetting,
  type CheckSettings,
  type Severity,
} from './domain/checks.js';
import { nearestName } from './nearest-name.js';

const FORM = 'name=severity, name=severity:limit, name=limit or name=off, separated by commas';

/** `spike=mark:10,zero_run=off,contracted_power=2`: what differs from {@link USUAL_CHECKS}. */
export function checkSettings() {
  return z.string().transform((text, context): CheckSettings => {
    const settings: Record<CheckName, CheckSetting> = { ...USUAL_CHECKS };
    for (const part of text.split(',').filter((each) => each.trim() !== '')) {
      const [name, value = ''] = part.split('=').map((each) => each.trim());
      const changed = settingFrom(name, value);
      if (typeof changed === 'string') context.addIssue({ code: 'custom', message: changed });
      else settings[name as CheckName] = changed;
    }
    return Object.freeze(settings);
  });
}

/** The setting that `value` gives the check, or what is wrong with it. */
function settingFrom(name: string, value: string): CheckSetting | string {
  if (!Object.hasOwn(CHECKS, name)) {
    const nearest = nearestName(name, CHECK_NAMES);
    const advice = nearest === null ? `checks are ${CHECK_NAMES.join(', ')}` : `did you mean ${nearest}?`;
    return `${FORM}; ${JSON.stringify(name)} is no check: ${advice}`;
  }
  const { severity, limit, allowed } = definition(name as CheckName);
  const [, word, number] = /^(?:([a-z]+)(?::(?=\d)|$))?(\d+(?:\.\d+)?)?$/.exec(value) ?? [];
  const asked = word ?? severity;
  if (value === 'off') return { severity: 'off', limit };
  if (value === '' || (word === undefined && number === undefined) || !allowed.some((each) => each === asked))
    return `${FORM}; ${name} may be ${['off', ...allowed].join(' or ')}`;
  const given = number === undefined ? limit : Number(number);
  return given > 0
    ? { severity: asked as Severity, limit: given }
    : `${FORM}; the limit of ${name} is above 0`;
}

/** With the severities as any check may have them, not as this one's literals. */
function definition(name: CheckName): {
  readonly severity: Severity;
  readonly limit: number;
  readonly allowed: readonly Severity[];
} {
  return CHECKS[name];
}
