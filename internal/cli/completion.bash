# What the package bash-completion would bring, for machines without it.
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    # Sets words, cword, cur and prev up to the cursor. Bash has broken the line
    # at = and : as well as at blanks; here the pieces are joined again.
    _get_comp_words_by_ref() {
        local i piece blanks line=${COMP_LINE:0:COMP_POINT}
        words=() cword=0
        for ((i = 0; i <= COMP_CWORD; i++)); do
            blanks=${line%%[![:space:]]*}
            line=${line#"$blanks"}
            piece=${COMP_WORDS[i]}
            if ((i == COMP_CWORD)); then
                piece=$line
            fi
            line=${line#"$piece"}
            if ((i > 0)) && [[ -z $blanks && (-z $piece || $piece == [=:]* || ${words[cword]} == *[=:]) ]]; then
                words[cword]+=$piece
            else
                cword=${#words[@]}
                words[cword]=$piece
            fi
        done
        cur=${words[cword]}
        prev=
        if ((cword > 0)); then
            prev=${words[cword - 1]}
        fi
    }
fi
if ! declare -F _filedir >/dev/null; then
    # Offers folders, and files unless -d is given: those with one of the
    # endings a|b|, or all.
    _filedir() {
        local name
        COMPREPLY=()
        while IFS= read -r name; do
            if [[ -d $name || -z ${1-} || ($1 != -d && "|$1" == *"|${name##*.}|"*) ]]; then
                COMPREPLY+=("$name")
            fi
        done < <(compgen -f -- "$cur")
        if [[ $(type -t compopt) == builtin ]]; then
            compopt -o filenames
        fi
    }
fi

