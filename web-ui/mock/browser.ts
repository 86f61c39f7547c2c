/** Starts the fake box in this browser. */
import { setupWorker } from 'msw/browser';
import { handlers, setRecording } from './handlers';

export async function startMock(): Promise<void> {
  await setupWorker(...handlers).start({ quiet: true });
  Object.assign(globalThis, { mockBox: { setRecording } });
}
