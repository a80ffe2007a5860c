#include "protect/protect.h"
