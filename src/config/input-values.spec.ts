import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { Id, lineOfText, UtilityCode } from './input-values.js';

describe('what comes from outside', () => {
  const cases: { name: string; schema: z.ZodType; value: unknown; fits: boolean }[] = [
    { name: 'the first id', schema: Id, value: '1', fits: true },
    { name: 'the last id', schema: Id, value: '2147483647', fits: true },
    { name: 'an id past int4', schema: Id, value: '2147483648', fits: false },
    { name: 'no id', schema: Id, value: '0', fits: false },
    { name: 'half an id', schema: Id, value: '1.5', fits: false },
    { name: 'a name in Russian', schema: lineOfText(20), value: 'показания март.csv', fits: true },
    { name: 'a NUL', schema: lineOfText(20), value: 'a\0b', fits: false },
    { name: 'an escape sequence', schema: lineOfText(20), value: '\u001b[2J', fits: false },
    { name: 'a line end at the end', schema: lineOfText(20), value: 'a\n', fits: false },
    { name: 'a C1 control', schema: lineOfText(20), value: 'a\u009bb', fits: false },
    { name: 'too long a name', schema: lineOfText(3), value: 'abcd', fits: false },
    { name: 'a utility', schema: UtilityCode, value: 'irk.energo-1_a', fits: true },
    { name: 'a utility with a space', schema: UtilityCode, value: 'irk energo', fits: false },
    { name: 'an empty utility', schema: UtilityCode, value: '', fits: false },
    { name: 'a utility with a line end', schema: UtilityCode, value: 'irk\n', fits: false },
    { name: 'a utility of 65 letters', schema: UtilityCode, value: 'a'.repeat(65), fits: false },
  ];
  test.each(cases)('$name', ({ schema, value, fits }) => {
    expect(schema.safeParse(value).success).toBe(fits);
  });
});
