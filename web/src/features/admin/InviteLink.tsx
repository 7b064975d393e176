import { Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '../../lib/copy';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';

/** Shown once: the server keeps only a fingerprint of the code. */
export function InviteLink({ url }: { url: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-wrap items-end gap-3 rounded-box bg-accent-soft p-4">
      <Field
        label={t('admin.invite_link')}
        value={url}
        isReadOnly
        className="min-w-56 flex-1"
        input={{ onFocus: (event) => event.currentTarget.select() }}
      />
      <Button look="outline" onPress={() => void copyText(url).then(setCopied)}>
        <Copy aria-hidden size={17} />
        {t(copied ? 'message.copied' : 'admin.copy')}
      </Button>
    </div>
  );
}
