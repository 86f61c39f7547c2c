/** Signing out by a button: asks before what is not saved is lost by it. */
import { useState, type ReactNode } from 'react';
import { useLogout } from '../api/auth';
import { LeaveQuestion, useHasUnsaved } from './unsaved';

export interface SignOut {
  onPress: () => void;
  /** Belongs on the page, beside the button. */
  question: ReactNode;
}

export function useSignOut(): SignOut {
  const logout = useLogout();
  const isUnsaved = useHasUnsaved();
  const [asks, setAsks] = useState(false);
  const leave = () => {
    setAsks(false);
    logout.mutate();
  };
  return {
    onPress: () => (isUnsaved ? setAsks(true) : logout.mutate()),
    question: asks && <LeaveQuestion onLeave={leave} onStay={() => setAsks(false)} />,
  };
}
