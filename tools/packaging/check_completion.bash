# Asks bash's completion as bash would: check_completion.bash SCRIPT.
set -euo pipefail
source "$1"

# offers "WORDS..." EXPECTED: what is offered for the last of the words.
offers() {
  read -ra COMP_WORDS <<<"$1"
  [[ $1 != *' ' ]] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  "_${COMP_WORDS[0]}"
  [ "${COMPREPLY[*]}" = "$2" ] || {
    echo "\"$1\": expected \"$2\", got \"${COMPREPLY[*]}\"" >&2
    exit 1
  }
}
complete -p signalctl signal_delivery >/dev/null
offers "signalctl deli" "deliver"
offers "signalctl check-config --ca" "--cases"
offers "signalctl deliver --output " "table json"
offers "signalctl deliver --output = j" "json"
offers "signalctl deliver --tls-ca READ" "README.md"
offers "signalctl completion " "bash zsh"
offers "signalctl manual signal_" "signal_delivery"
offers "signal_delivery --config READ" "README.md"
offers "signal_delivery --conf" "--config"
