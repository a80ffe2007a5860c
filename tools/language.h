/* The language that people are spoken to in: --lang, else the locale. JSON's keys and ids never change. */
#ifndef TOOL_LANGUAGE_H
#define TOOL_LANGUAGE_H

/* Sets the locale up and takes `--lang LANGUAGE` out of argv (argv[*argc] stays NULL), wherever it stands before a --.
 * Returns false when the language is none that there is: it has been complained of. */
#include <stdbool.h>
bool tool_language(int *argc, char **argv);

#endif
