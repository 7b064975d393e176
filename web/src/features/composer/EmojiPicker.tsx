import {
  type EmojiData,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Picker,
  type SkinTone,
  useSkinTone,
} from 'frimousse';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { loadEmojis } from '../../lib/emoji/emoji';
import { inputLook } from '../../ui/Field';

const TONE_KEY = 'chirm-skin-tone';
const COLUMNS = 8;
/** Newer ones are empty boxes on many systems. */
const NEWEST = 15.1;
const TONES = ['light', 'medium-light', 'medium', 'medium-dark', 'dark'] as const;

/** Our own data, from where the page came from; the component would otherwise ask a host that is none of ours. */
async function emojiData(locale: string): Promise<EmojiData> {
  const { list, groups, tones } = await loadEmojis(locale);
  const skinTones = Object.fromEntries(tones) as EmojiData['skinTones'];
  const emojis = list
    .filter(({ version }) => version <= NEWEST)
    .map(({ emoji, label, group, version, names, tags, skins }) => ({
      emoji,
      label,
      category: group,
      version,
      tags: [...tags, ...names],
      skins:
        skins &&
        (Object.fromEntries(TONES.map((tone, i) => [tone, skins[i]])) as Record<(typeof TONES)[number], string>),
    }));
  return { locale, emojis, categories: groups.map(([index, label]) => ({ index, label })), skinTones };
}

function storedTone(): SkinTone {
  const stored = localStorage.getItem(TONE_KEY);
  return TONES.find((tone) => tone === stored) ?? 'none';
}

function Category({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...props} className="bg-raised px-1.5 py-1.5 font-semibold text-soft text-tiny">
      {category.label}
    </div>
  );
}

/** The component counts from 0 and finds its rows by that; where that is not allowed, it says nothing or counts on. */
function Row(props: EmojiPickerListRowProps) {
  const place = { 'aria-rowindex': props['aria-rowindex'] || undefined };
  return <div {...props} {...place} className="flex scroll-my-1" />;
}

function One({ emoji, ...props }: EmojiPickerListEmojiProps) {
  const place = { 'aria-colindex': (props['aria-colindex'] ?? 0) + 1 };
  return (
    <button
      {...props}
      {...place}
      type="button"
      className={cx(
        'grid size-10 place-items-center rounded-lg text-2xl leading-none',
        emoji.isActive && 'bg-accent-soft',
      )}
    >
      {emoji.emoji}
    </button>
  );
}

const PARTS = { CategoryHeader: Category, Row, Emoji: One };

/** Found by word or by looking; arrows move, Enter takes. */
export default function EmojiPicker({ pick }: { pick(emoji: string): void }) {
  const { t, i18n } = useTranslation();
  return (
    <Picker.Root
      locale={i18n.language}
      resolveEmojiData={emojiData}
      columns={COLUMNS}
      skinTone={storedTone()}
      onEmojiSelect={({ emoji }) => pick(emoji)}
      className="flex h-90 w-full flex-col gap-2"
    >
      <div className="flex items-center gap-1.5">
        <Picker.Search aria-label={t('emoji.search')} placeholder={t('emoji.search')} autoFocus className={inputLook} />
        <Tone />
      </div>
      <Picker.Viewport className="relative min-h-0 flex-1 outline-offset-[-2px]" tabIndex={0}>
        <Picker.Loading className="absolute inset-0 grid place-items-center text-soft">
          {t('common.loading')}
        </Picker.Loading>
        <Picker.Empty className="absolute inset-0 grid place-items-center text-soft">{t('emoji.none')}</Picker.Empty>
        <Picker.List className="select-none" components={PARTS} />
      </Picker.Viewport>
      <Picker.ActiveEmoji>
        {({ emoji }) => (
          <p aria-hidden className="flex h-7 items-center gap-2 border-line border-t pt-2 text-note text-soft">
            {emoji && (
              <>
                <span className="text-xl">{emoji.emoji}</span>
                <span className="truncate">{emoji.label}</span>
              </>
            )}
          </p>
        )}
      </Picker.ActiveEmoji>
    </Picker.Root>
  );
}

/** The colour of hands and faces; stays chosen on this device. */
function Tone() {
  const { t } = useTranslation();
  const [tone] = useSkinTone();
  useEffect(() => localStorage.setItem(TONE_KEY, tone), [tone]);
  return (
    <Picker.SkinToneSelector
      aria-label={t('emoji.tone')}
      title={t('emoji.tone')}
      className="grid size-11 shrink-0 place-items-center rounded-box text-xl hover:bg-hover"
    />
  );
}
