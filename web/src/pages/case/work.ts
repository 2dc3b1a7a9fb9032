import { useState } from 'preact/hooks';
import { ApiError } from '../../api/problem.js';
import type { HistoryStep } from '../../cases/types.js';
import { announce } from '../../components/announcer.js';
import { errorLine } from '../../components/states.js';
import { sharedTexts } from '../../components/shared.texts.js';
import { useTexts } from '../../i18n/use-texts.js';

/** What somebody does to a case, and how that ends: done, in conflict with somebody else's doing, or not at all. */
export interface Work {
  /** Runs it; true when it was done. What failed is said, a conflict is kept for its dialog. */
  readonly run: (work: () => Promise<unknown>, said?: string) => Promise<boolean>;
  readonly isBusy: boolean;
  readonly conflict: readonly HistoryStep[] | null;
  readonly endConflict: () => void;
}

export function useWork(reload: () => void): Work {
  const shared = useTexts(sharedTexts);
  const [isBusy, setIsBusy] = useState(false);
  const [conflict, setConflict] = useState<readonly HistoryStep[] | null>(null);
  const run = async (work: () => Promise<unknown>, said?: string): Promise<boolean> => {
    setIsBusy(true);
    try {
      await work();
      if (said) announce(said);
      reload();
      return true;
    } catch (error) {
      const changes = conflictOf(error);
      if (changes !== null) setConflict(changes);
      else {
        const line = errorLine(error, shared);
        if (line !== null) announce(line, 'failed');
      }
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  const endConflict = (): void => {
    setConflict(null);
    reload();
  };
  return { run, isBusy, conflict, endConflict };
}

function conflictOf(error: unknown): readonly HistoryStep[] | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null;
  return (error.problem.changes as readonly HistoryStep[] | undefined) ?? null;
}
