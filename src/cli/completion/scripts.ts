/** Shells that can be told how to complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** The first word of a command line that is asked for candidates: then the shell, and the words up to the cursor. */
export const COMPLETE = "__complete";

/** What a shell reads to complete regclient's command lines: each asks the program itself. */
export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}

/** Candidates as the shell's script reads them, one a line. */
export function renderCandidates(
  shell: Shell,
  candidates: readonly { readonly word: string; readonly describe: string }[],
): string {
  const lines = candidates.map(({ word, describe }) => {
    if (shell === "bash" || describe === "") return shell === "zsh" ? word.replaceAll(":", "\\:") : word;
    return shell === "zsh" ? `${word.replaceAll(":", "\\:")}:${describe}` : `${word}\t${describe}`;
  });
  return lines.map((line) => `${line}\n`).join("");
}

// bash splits words at colons, and registries have ports: the words are put together again, and what stands before the
// last colon is not repeated
const BASH = `# bash completion for regclient
_regclient() {
  local words=() word line=\${COMP_LINE:0:COMP_POINT} current prefix
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]}-1]}
  mapfile -t COMPREPLY < <(regclient ${COMPLETE} bash "\${words[@]:1}" 2>/dev/null)
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    prefix=\${current%"\${current##*:}"}
    for word in "\${!COMPREPLY[@]}"; do COMPREPLY[word]=\${COMPREPLY[word]#"$prefix"}; done
  fi
}
complete -o default -F _regclient regclient
`;

const ZSH = `#compdef regclient
_regclient() {
  local -a candidates
  candidates=("\${(@f)$(regclient ${COMPLETE} zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $candidates[1] ]]; then _describe regclient candidates; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _regclient "$@"; else compdef _regclient regclient; fi
`;

const FISH = `# fish completion for regclient
function __regclient_complete
    set -l words (commandline -opc) (commandline -ct)
    regclient ${COMPLETE} fish $words[2..-1] 2>/dev/null
end
complete -c regclient -f -a '(__regclient_complete)'
complete -c regclient -F -n 'contains -- (commandline -opc)[-1] --ca-file --root --socket --metrics-textfile'
`;
