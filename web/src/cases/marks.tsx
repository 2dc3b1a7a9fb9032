import type { Formats } from '../i18n/formats.js';
import { useFormats, useTexts } from '../i18n/use-texts.js';
import { casesTexts } from './cases.texts.js';
import type { CaseState } from './types.js';

const STATE_LOOKS: Partial<Record<CaseState, string>> = {
  needs_visit: 'badge-warn',
  second_look: 'badge-warn',
  reopened: 'badge-warn',
  first_look: 'badge-accent',
  dealt: 'badge-accent',
  dismissed: 'badge-good',
};

export function StateBadge({ state }: { readonly state: CaseState }) {
  const t = useTexts(casesTexts);
  return <span class={`badge ${STATE_LOOKS[state] ?? ''}`}>{t(`state_${state}`)}</span>;
}

/** Rounding up to certainty would say more than anybody knows. */
export function likelihoodText(score: number, format: Formats): string {
  return score > 0.995 ? `> ${format.percent(0.99)}` : format.percent(score);
}

/** How likely, as a number and as a bar: never as a colour alone. */
export function Likelihood({ score }: { readonly score: number }) {
  const t = useTexts(casesTexts);
  const format = useFormats();
  const percent = likelihoodText(score, format);
  return (
    <span class="likelihood">
      <span class="visually-hidden">{t('likelihood', { percent })}</span>
      <span class="likelihood-number" aria-hidden="true">
        {percent}
      </span>
      <span class="likelihood-bar" aria-hidden="true">
        <span style={{ width: `${Math.round(score * 100)}%` }} />
      </span>
    </span>
  );
}
