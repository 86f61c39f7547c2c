/** What dialogs about one user are given. */
import type { User } from '../../api/model';

export interface UserDialogProps {
  /** As the list has them. */
  user: User;
  onClose: () => void;
}

export interface UserFormProps extends UserDialogProps {
  /** The version `user` is in. */
  etag: string | undefined;
}
