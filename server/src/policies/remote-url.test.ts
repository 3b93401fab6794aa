import { expect, test } from 'vitest'
import { checkRemoteUrl } from './remote-url.ts'

const messageOf = (text: string, trusted: string[] = []) => {
  const answer = checkRemoteUrl(text, trusted)
  return answer.ok ? null : answer.message
}

test('EG2: an https URL of a public name is taken, and no other server is trusted by it', () => {
  expect(checkRemoteUrl(' https://github.com/git/git.git ', ['git.internal:80'])).toMatchObject({
    ok: true,
    isTrusted: false,
  })
  expect(messageOf('https://xn--bcher-kva.example.org/a/b')).toBeNull()
  expect(messageOf('https://140.82.121.4/a/b')).toBeNull()
})

test('EG2: everything else is refused with words', () => {
  const cases: [string, RegExp][] = [
    ['http://github.com/git/git', /plain http/],
    ['https://github.com:8443/git/git', /usual https port/],
    ['https://me:secret@github.com/git/git', /user name or a password/],
    ['https://github.com/git/git?x=1', /no \?/],
    ['https://github.com/git/git#main', /no \?/],
    ['https://github.com/', /no repository/],
    ['https://localhost/git', /not a public host/],
    ['https://server/git', /not a public host/],
    ['https://127.0.0.1/git', /not a public host/],
    ['https://0x7f.1/git', /not a public host/],
    ['https://2130706433/git', /not a public host/],
    ['https://017700000001/git', /not a public host/],
    ['https://[::1]/git', /not a public host/],
    ['https://[::ffff:10.0.0.1]/git', /not a public host/],
    ['https://169.254.169.254/latest', /not a public host/],
    ['git@github.com:git/git.git', /not over ssh/],
    ['ssh://git@github.com/git/git.git', /not over ssh/],
    ['git://github.com/git/git.git', /not over git/],
    ['file:///etc/passwd', /not over file/],
    ['ext::sh -c id', /spaces/],
    ['ext::id', /not over ext/],
    ['/etc', /not a URL/],
    ['--upload-pack=id', /not a URL/],
    ['https://github.com/a\nb', /invisible/],
    ['https://github.com\\@evil.example/a', /backslashes/],
    [`https://github.com/${'a'.repeat(2000)}`, /longer/],
    ['', /not a URL/],
  ]
  for (const [text, message] of cases) expect(messageOf(text), text).toMatch(message)
})

test('EG2: a trusted server may be http, private and on another port, but still holds no secrets', () => {
  const trusted = ['127.0.0.1:8080', 'Git.Internal:80', 'git.internal:443']
  for (const text of ['http://127.0.0.1:8080/a.git', 'http://git.internal/a.git', 'https://git.internal/a.git']) {
    expect(checkRemoteUrl(text, trusted), text).toMatchObject({ ok: true, isTrusted: true })
  }
  expect(messageOf('http://127.0.0.1:8081/a.git', trusted)).toMatch(/plain http/)
  expect(messageOf('http://a:b@127.0.0.1:8080/a.git', trusted)).toMatch(/user name/)
})

test('an ssh address is answered with the https one', () => {
  expect(checkRemoteUrl('git@github.com:git/git.git', [])).toMatchObject({ hint: 'Try https://github.com/git/git.git' })
})
