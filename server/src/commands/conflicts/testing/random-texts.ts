/** Texts that two sides change at random, from one seed: few words, so that lines repeat and changes meet. */

/** A linear congruential generator: the same seed, the same numbers, below what is asked for. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
export type Random = ReturnType<typeof randomFrom>

const WORDS = ['red', 'blue', 'green', 'x', 'a longer phrase', '']
export const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T

const line = (random: Random): string => `${pick(random, WORDS)} ${pick(random, WORDS)} ${random(4)}\n`

export const randomText = (random: Random, lines: number): string =>
  Array.from({ length: lines }, () => line(random)).join('')

/** Some lines come, go or change; a line that `mayGo` refuses stays. */
export const changeLines = (random: Random, text: string, mayGo: (line: string) => boolean = () => true): string =>
  text
    .split(/(?<=\n)/)
    .flatMap((present) => {
      const choice = random(14)
      if (choice === 0) return [present, line(random)]
      if (choice < 3 && mayGo(present)) return choice === 1 ? [] : [line(random)]
      return [present]
    })
    .join('')

/** Letters that nothing else holds: whoever typed one of them finds it again. */
export const firstLetter = 0xe000
export const lettersIn = (text: string): string[] =>
  [...text].filter((letter) => letter >= '\ue000' && letter <= '\uf8ff')
