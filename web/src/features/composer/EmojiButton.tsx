import { Smile } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { loadEmojis } from '../../lib/emoji/emoji';
import { part } from '../../lib/part';
import { IconButton } from '../../ui/IconButton';
import { LoadGuard } from '../../ui/LoadGuard';

/** With the emoji themselves, without which it has nothing to show. */
const EmojiPicker = part(() => import('./EmojiPicker'), loadEmojis);

/** Opens the picker, which is loaded when it is first wanted. */
export function EmojiButton({ pick }: { pick(emoji: string): void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <IconButton icon={Smile} label={t('emoji.open')} />
      <Popover
        placement="top end"
        className="rise w-[min(23rem,calc(100vw-1rem))] rounded-box border border-line bg-raised p-3 shadow-lift forced-edge"
      >
        <Dialog aria-label={t('emoji.open')} className="h-90 outline-none">
          <LoadGuard>
            <Suspense fallback={<p className="grid h-full place-items-center text-soft">{t('common.loading')}</p>}>
              <EmojiPicker
                pick={(emoji) => {
                  setOpen(false);
                  pick(emoji);
                }}
              />
            </Suspense>
          </LoadGuard>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
