/** A refusal as the box words it. */
import { HttpResponse } from 'msw';

export const fail = (status: number, code: string, message: string) =>
  HttpResponse.json({ error: 'Error', code, message }, { status });
