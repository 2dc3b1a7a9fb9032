import os from 'node:os';

/**
 * Lets every other thread go before the calling worker thread and those it starts: whoever asks the service something is not
 * kept waiting by a file of readings. Linux keeps a priority for each thread (setpriority(2), «C library/kernel
 * differences»); elsewhere it would be that of the whole process, so nothing is done.
 */
export function goBehindOthers(): void {
  if (process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL);
}
