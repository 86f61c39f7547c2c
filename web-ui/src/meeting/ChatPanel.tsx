/** Messages to everyone. Enter sends, Shift+Enter breaks the line. */
import { SendHorizontal } from 'lucide-react';
import { Fragment, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../lib/format';
import { splitLinks } from '../lib/splitLinks';
import { IconButton } from '../ui/Button';
import { showToast } from '../ui/toastStore';
import styles from './Chat.module.css';
import type { ChatLine, MeetingChat } from './useMeetingChat';

const LONGEST = 4000;

export function ChatPanel({ chat, canWrite }: { chat: MeetingChat; canWrite: boolean }) {
  const { t } = useTranslation();
  const log = useRef<HTMLDivElement>(null);
  const count = chat.lines.length;
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);
  return (
    <>
      {/* Scrolls: reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={log} className={styles.log} role="log" aria-label={t('chat.log')} tabIndex={0}>
        {count === 0 && <p className={styles.empty}>{t('chat.empty')}</p>}
        {chat.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      {canWrite ? <Composer chat={chat} /> : <p className={styles.note}>{t('chat.readOnly')}</p>}
    </>
  );
}

function Line({ line }: { line: ChatLine }) {
  const { t } = useTranslation();
  return (
    <div className={styles.line} data-own={line.own || undefined}>
      <div className={styles.meta}>
        <b>{line.own ? t('chat.you') : line.name}</b> {formatTime(line.time)}
      </div>
      <div className={styles.text}>{withLinks(line.text)}</div>
    </div>
  );
}

function Composer({ chat }: { chat: MeetingChat }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const send = () => {
    const message = text.trim();
    if (message === '' || chat.sending) return;
    setText('');
    chat.send(message).catch(() => {
      setText(message);
      showToast(t('chat.failed'), 'bad');
    });
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        rows={1}
        autoFocus
        value={text}
        maxLength={LONGEST}
        aria-label={t('chat.placeholder')}
        placeholder={t('chat.placeholder')}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <IconButton
        type="submit"
        variant="primary"
        label={t('chat.send')}
        icon={<SendHorizontal size={20} aria-hidden />}
        isDisabled={text.trim() === ''}
      />
    </form>
  );
}

function withLinks(text: string): ReactNode {
  return splitLinks(text).map((part, index) => (
    <Fragment key={index}>
      {part.href ? (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      ) : (
        part.text
      )}
    </Fragment>
  ));
}
