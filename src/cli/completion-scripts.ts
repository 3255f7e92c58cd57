/** Shell scripts that pipe the words of the line to `rapport complete`, whose first line says what follows it. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const bash = `# rapport: completion for bash
_rapport() {
  local word=\${COMP_WORDS[COMP_CWORD]} kind value help
  COMPREPLY=()
  {
    read -r kind
    case $kind in
      file) compopt -o default 2>/dev/null ;;
      folder) compopt -o dirnames 2>/dev/null ;;
      words)
        while read -r value help; do
          [[ $word == [\\"\\']* ]] || printf -v value %q "$value"
          COMPREPLY+=("$value")
        done
        ;;
    esac
  } < <(printf '%s\\0' "\${COMP_WORDS[@]:1:COMP_CWORD}" | command rapport complete bash 2>/dev/null)
}
complete -F _rapport rapport`;

const zsh = `#compdef rapport
# rapport: completion for zsh
_rapport() {
  local kind value help
  local -a offers
  {
    read -r kind
    case $kind in
      file) _files ;;
      folder) _files -/ ;;
      words)
        while read -r value help; do
          offers+=("\${value//:/\\\\:}\${help:+:$help}")
        done
        _describe -V rapport offers
        ;;
    esac
  } < <(printf '%s\\0' "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" | command rapport complete zsh 2>/dev/null)
}
if [[ $funcstack[1] == _rapport ]]; then
  _rapport "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _rapport rapport
fi`;

const fish = `# rapport: completion for fish
function __rapport_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l word (commandline -ct)
    set -l offers (printf '%s\\0' $words "$word" | command rapport complete fish 2>/dev/null)
    switch "$offers[1]"
        case file
            __fish_complete_path "$word"
        case folder
            __fish_complete_directories "$word"
        case words
            set -e offers[1]
            string replace -- ' ' \\t $offers
    end
end
complete -c rapport -f -a '(__rapport_complete)'`;

export const installs: Readonly<Record<Shell, string>> = {
  bash: `echo 'eval "$(rapport completion bash)"' >> ~/.bashrc`,
  zsh: `echo 'eval "$(rapport completion zsh)"' >> ~/.zshrc`,
  fish: 'mkdir -p ~/.config/fish/completions && rapport completion fish > ~/.config/fish/completions/rapport.fish',
};

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
