import type { User } from '@chirm/client';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAnnounce } from '../../lib/announcer';
import { useAction } from '../../lib/useAction';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';

export function Profile({ me }: { me: User }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const announce = useAnnounce();
  const [name, setName] = useState(me.display_name);
  const { run, busy, failure } = useAction(async () => {
    store.dispatch({ type: 'me', user: (await api.updateMe({ display_name: name.trim() })).user });
    announce(t('settings.saved'));
  });
  return (
    <Section title={t('settings.profile')}>
      <Form
        className="flex flex-wrap items-end gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Avatar id={me.id} name={name || me.username} size="large" />
        <Field
          label={t('auth.display_name')}
          value={name}
          onChange={setName}
          error={failure?.fields.display_name}
          input={{ maxLength: 64, autoComplete: 'name' }}
          className="min-w-48 flex-1"
        />
        <Button type="submit" look="outline" isPending={busy} isDisabled={name.trim() === me.display_name}>
          {t('common.save')}
        </Button>
      </Form>
      <p className="text-note text-soft">{t('settings.username', { username: me.username })}</p>
      <Problem failure={failure?.fields.display_name ? null : failure} />
    </Section>
  );
}
