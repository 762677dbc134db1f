// A TOML document as the user means it: a file, the presets or files it is based on, and `--set` options.
#pragma once

#include "config/node.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::config {

/// Limits of an input file; beyond them it is refused before parsing.
inline constexpr std::size_t max_file_bytes = 1U << 20U;
inline constexpr std::size_t max_nesting = 32;   ///< brackets and braces within each other
inline constexpr std::size_t max_key_parts = 16; ///< parts of a dotted key

/// The merged document and the inputs that it was made from.
struct Document {
    Node root;
    std::string name;                                      ///< of the preset, or the file name without ".toml"
    std::vector<std::shared_ptr<const SourceFile>> inputs; ///< the file itself, then its bases
};

/// Folder of the presets: the environment variable INTARSIA_PRESETS, or where they lie beside an installed program, or
/// the one the build was configured with.
[[nodiscard]] std::filesystem::path presets_folder();
/// Names of the presets of a family, sorted: systems stand in the folder itself, other families in a folder of theirs
/// ("noc").
[[nodiscard]] std::vector<std::string> preset_names(const std::string& family = "");

/// Where names without a file of that name are looked up.
struct PresetFamily {
    std::string folder; ///< under presets_folder(); "": systems
    bool exists = true; ///< false: there are no presets of this kind, only files
};

/// Reads a document. `path_or_preset` is the path of a TOML file, or the name of a preset (letters, digits,
/// `_` and
/// `-` only). Its key `base` names another preset, or a file relative to the one it stands in; the document
/// is laid upon its base (see merge()). Each override is `path=value`: the path addresses tables by key and
/// elements of arrays by index or by their `name` ("die.die0.core.sram"), the value is a TOML value or else
/// plain text. Throws InputError: unreadable or oversized files, syntax, cycles of bases, overrides that lead
/// nowhere.
[[nodiscard]] Document load_document(const std::string& path_or_preset, const std::vector<std::string>& overrides = {},
                                     const PresetFamily& family = {});

/// The same for text at hand; faults call it `name`. A relative `base` starts at the current folder.
[[nodiscard]] Document parse_document(const std::string& text, const std::string& name,
                                      const std::vector<std::string>& overrides = {});

} // namespace intarsia::config
