/* Options: their table, and the walk over the arguments. */
#ifndef WIRETALE_TOOL_OPTIONS_H
#define WIRETALE_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct tool_command;

enum tool_option_id {
#define TOOL_HEADING(id, text) HEADING_##id,
#define TOOL_OPTION(id, letter, name, argument, optional, text) OPTION_##id,
#include "options.def"
#undef TOOL_HEADING
#undef TOOL_OPTION
    OPTION_COUNT /* how many; ends a command's list */
};

/* Groups that several commands have: where keys come from, what certificates are judged by, language and look. */
#define OPTIONS_OF_KEYS                                                                                                \
    OPTION_KEYLOG, OPTION_RSA_KEY, OPTION_SM2_KEY, OPTION_RSA_PASSWORD_FILE, OPTION_PSK, OPTION_PSK_FILE, OPTION_VERIFY
#define OPTIONS_OF_TRUST                                                                                               \
    OPTION_CA_FILE, OPTION_CA_PATH, OPTION_UNTRUSTED, OPTION_AT, OPTION_HOST, OPTION_SCT_LOGS
#define OPTIONS_OF_LOOK OPTION_LANG, OPTION_COLOR, OPTION_ASCII, OPTION_COLUMNS

/* Parsing, help and the test of the completions all read these rows. */
struct tool_option {
    char letter;          /* 0 for none */
    const char *name;     /* without the dashes; NULL in the row of a heading, which is in no command's list */
    const char *argument; /* what its value is called in the help, NULL when it takes none */
    bool optional;        /* the value may be left out; it then has to be given as --name=value */
    const char *text;     /* one sentence for the help */
};

extern const struct tool_option tool_options[OPTION_COUNT];

/* Operands are gathered at the front of argv, in their order. */
struct tool_arguments {
    const struct tool_command *command;
    char **argv; /* from the word behind the subcommand's name */
    int argc, next, operands;
    const char *bundle; /* what is left of a word as -ab */
    const char *value;  /* of the option just met, NULL when it has none */
    int id;             /* of the option just met */
    bool raw;           /* "--" was met */
    bool program;       /* the first operand is a program: all behind it is its own */
    uint8_t met[OPTION_COUNT]; /* how often each option was */
};

enum { TOOL_END = -1, TOOL_WRONG = -2 };

/* The next option, of those in its command's list (enum tool_option_id); TOOL_END; or TOOL_WRONG, with the line that
 * mends it printed. */
int tool_arguments_next(struct tool_arguments *arguments);
/* Where the options end of a command whose first operand is a program: its index, or argc. Nothing is said of what is
 * wrong. */
int tool_arguments_program(const struct tool_command *command, int argc, char **argv);
/* conflicts.c: no option that was met is ignored for another; false with the line that mends it printed. */
bool tool_arguments_agree(const struct tool_arguments *arguments);
/* A number from the option just met; false with the mending line printed. */
bool tool_arguments_number(const struct tool_arguments *arguments, uint64_t least, uint64_t most, uint64_t *out);
/* The value of the option just met is one of `words` (ends with NULL): which; -1 with the mending line printed. */
int tool_arguments_word(const struct tool_arguments *arguments, const char *const *words);
/* Prints "wiretale read: ..." on standard error, as one line. */
void tool_complain(const struct tool_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The word of `words` (ends with NULL) that is most like `word`, or NULL when none is close. */
const char *tool_nearest(const char *word, const char *const *words);

#endif
