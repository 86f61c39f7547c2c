/** A person in a list: face, name, and what tells them from others of that name. */
import { Avatar } from '../../ui/Avatar';
import styles from './List.module.css';

export function Who({ name, id }: { name: string; id?: string }) {
  return (
    <span className={styles.who}>
      <Avatar name={name} kind="standard" />
      <span>
        <bdi>{name}</bdi>
        {id && <small>{id}</small>}
      </span>
    </span>
  );
}
