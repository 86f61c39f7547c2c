/** What is wrong with a name, so that nothing typed is cut or lost. */
import type { TFunction } from 'i18next';

/** Characters of any name on the box, as it counts them. */
const LONGEST = 50;

/** `missing` is said of an empty one. */
export function nameProblem(name: string, missing: string, t: TFunction): string | undefined {
  const words = name.trim().split(/\s+/u).join(' ');
  if (words === '') return missing;
  const length = [...words].length;
  return length > LONGEST ? t('form.tooLong', { most: LONGEST, length }) : undefined;
}
