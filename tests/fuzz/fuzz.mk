# SPDX-License-Identifier: MIT
# fuzz.mk - the fuzz targets, by clang, with the sanitizers: one a file of this directory, over all
# of libcommon. Apart from automake, as it is another compiler and another set of flags.
#
# usage: make -f tests/fuzz/fuzz.mk O=DIRECTORY, which tests/fuzz/lib.bash does
CC = clang
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
COVER = -fsanitize=fuzzer-no-link
CFLAGS = -std=gnu17 -O1 -g -fno-omit-frame-pointer -Wall -Wextra $(SANITIZE) $(COVER) $(EXTRA)
CPPFLAGS = -D_GNU_SOURCE -Ilibcommon -Itests/fuzz $(shell pkg-config --cflags libseccomp json-c)
LIBS = $(shell pkg-config --libs libseccomp json-c)
# readers of files get what a target feeds them: see common.h
WRAP = path_read path_read_fd cg_read

sources := $(wildcard libcommon/*/*.c)
targets := $(filter-out common,$(notdir $(basename $(wildcard tests/fuzz/*.c))))
objects := $(sources:%.c=$O/%.o)

all: $(targets:%=$O/%)

$(targets:%=$O/%): $O/%: $O/tests/fuzz/%.o $O/tests/fuzz/common.o $O/libcommon.a
	$(CC) $(SANITIZE) -fsanitize=fuzzer $(EXTRA) $(WRAP:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

$O/libcommon.a: $(objects)
	rm -f $@
	ar rcs $@ $^

# it runs before the C library does, where no sanitizer can be
$O/libcommon/chain/early.o: CFLAGS = -std=gnu17 -O1 -ffreestanding -fno-stack-protector

$(objects) $(targets:%=$O/tests/fuzz/%.o) $O/tests/fuzz/common.o: $O/%.o: %.c
	@mkdir -p $(dir $@)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: all
-include $(objects:.o=.d) $(targets:%=$O/tests/fuzz/%.d) $O/tests/fuzz/common.d
