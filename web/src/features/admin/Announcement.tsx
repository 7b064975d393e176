import type { AdminRoom } from '@chirm/client';
import { Megaphone } from 'lucide-react';
import { useState } from 'react';
import { Form, Label, TextArea, TextField } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { inputLook } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';

export function Announcement({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [body, setBody] = useState('');
  const [posted, setPosted] = useState(false);
  const { run, busy, failure } = useAction(async () => {
    setPosted(false);
    await api.admin.announce(room.id, body.trim());
    setBody('');
    setPosted(true);
  });
  return (
    <Section title={t('admin.announcement')} text={t('admin.announcement_text')}>
      <Form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <TextField value={body} onChange={setBody} className="grid gap-1.5">
          <Label className="sr-only">{t('admin.announcement')}</Label>
          <TextArea rows={3} dir="auto" className={`${inputLook} py-2.5`} />
        </TextField>
        <Problem failure={failure} />
        {posted && (
          <p role="status" className="text-note">
            {t('admin.announced')}
          </p>
        )}
        <Button
          type="submit"
          look="outline"
          isPending={busy}
          isDisabled={body.trim() === ''}
          className="justify-self-start"
        >
          <Megaphone aria-hidden size={18} />
          {t('admin.announce')}
        </Button>
      </Form>
    </Section>
  );
}
