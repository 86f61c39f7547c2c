/** The form in which others can open a link of this box. */
import { useMe } from '../api/auth';
import { useBox } from '../api/box';
import { seesBox } from '../lib/console';
import { isLocal, shareable } from '../lib/links';

/** Where somebody is who does not see the box, its address on the LAN is not known: then the link stays as it is. */
export function useShareable(link: string): string {
  const me = useMe();
  const box = useBox(seesBox(me.data) && isLocal(link));
  return shareable(link, box.data?.homeRoom.lanUrls?.[0]);
}
