#include "config/document.hpp"

#include "config/faults.hpp"
#include "config/overrides.hpp"
#include "config/toml_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace intarsia::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_bases = 16;

bool is_preset_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
    });
}

/// Reads a whole file, or throws the fault at `place` (whoever asked for it).
std::string read_file(const fs::path& path, const SourcePlace& place, const std::string& remedy) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        throw InputError(Diagnostic{place, fmt::format("there is no file {}", in_quotes(path.string())), remedy});
    }
    if (fs::is_directory(path, error)) {
        throw InputError(
            Diagnostic{place, fmt::format("{} is a folder", in_quotes(path.string())), "give a TOML file"});
    }
    std::ifstream file(path, std::ios::binary);
    std::string content;
    // One byte more than allowed is enough to know that a file is too large, even if it never ends.
    content.resize(max_file_bytes + 1);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.bad() || (file.fail() && !file.eof())) {
        throw InputError(Diagnostic{place, fmt::format("{} cannot be read", in_quotes(path.string())),
                                    "check the rights of the file"});
    }
    content.resize(static_cast<std::size_t>(file.gcount()));
    return content;
}

/// Loads a chain of bases. One object a document.
class Loader {
  public:
    explicit Loader(PresetFamily family = {})
        : family_(std::move(family)), remedy_(family_.exists ? "give the path of a TOML file or the name of a preset"
                                                             : "give the path of a TOML file") {}

    Document load(const std::string& path_or_preset) {
        const SourcePlace place{path_or_preset, 0, 0, ""};
        Document document;
        document.root = load_source(open(path_or_preset, fs::path(), place));
        document.inputs = inputs_;
        document.name = name_;
        faults_.throw_if_any();
        return document;
    }

    Document parse(const std::string& text, const std::string& name) {
        Document document;
        document.name = name;
        document.root = load_source(std::make_shared<SourceFile>(SourceFile{name, name, "", text}));
        document.inputs = inputs_;
        faults_.throw_if_any();
        return document;
    }

  private:
    /// Finds what `wanted` names, `folder` being where it is asked from, and reads it.
    std::shared_ptr<const SourceFile> open(const std::string& wanted, const fs::path& folder,
                                           const SourcePlace& place) {
        if (wanted.empty() || wanted.find('\0') != std::string::npos) {
            throw InputError(Diagnostic{place, fmt::format("{} is no file name", in_quotes(wanted)), remedy_});
        }
        fs::path path = folder / wanted;
        std::string label = path.string();
        std::error_code error;
        if (family_.exists && is_preset_name(wanted) && !fs::exists(path, error)) {
            const std::vector<std::string> presets = preset_names(family_.folder);
            if (std::find(presets.begin(), presets.end(), wanted) == presets.end()) {
                throw InputError(Diagnostic{place, fmt::format("there is no preset {}", in_quotes(wanted)),
                                            suggestion(wanted, presets, "the presets are")});
            }
            path = presets_folder() / family_.folder / (wanted + ".toml");
            label = "preset " + wanted;
        }
        std::string content = read_file(path, place, remedy_);
        const fs::path identity = fs::weakly_canonical(path, error);
        if (std::find(chain_.begin(), chain_.end(), identity) != chain_.end()) {
            throw InputError(Diagnostic{place, fmt::format("{} is based on itself", in_quotes(wanted)),
                                        "remove a 'base' of the cycle"});
        }
        if (chain_.size() >= max_bases) {
            throw InputError(
                Diagnostic{place, fmt::format("more than {} bases upon each other", max_bases), "shorten the chain"});
        }
        chain_.push_back(identity);
        if (chain_.size() == 1) {
            name_ = path.stem().string();
        }
        return std::make_shared<SourceFile>(SourceFile{path.string(), std::move(label), "", std::move(content)});
    }

    Node load_source(const std::shared_ptr<const SourceFile>& source) {
        inputs_.push_back(source);
        Node root = parse_toml(source);
        const Node* base = root.find("base");
        if (base == nullptr) {
            return root;
        }
        if (!base->is(Node::Kind::text)) {
            throw InputError(Diagnostic{base->place(), fmt::format("'base' must be text, not {}", base->kind_text()),
                                        "give the name of a preset or the path of a file, in quotes"});
        }
        Node below = load_source(open(base->text, fs::path(source->path).parent_path(), base->place()));
        root.erase("base");
        return merge(std::move(below), root, faults_);
    }

    PresetFamily family_;
    std::string remedy_;
    Faults faults_;
    std::vector<fs::path> chain_;
    std::vector<std::shared_ptr<const SourceFile>> inputs_;
    std::string name_;
};

Document with_overrides(Document document, const std::vector<std::string>& overrides) {
    Faults faults;
    for (const std::string& each : overrides) {
        apply_override(document.root, each, faults);
    }
    faults.throw_if_any();
    return document;
}

} // namespace

fs::path presets_folder() {
    const char* folder = std::getenv("INTARSIA_PRESETS");
    if (folder != nullptr && *folder != '\0') {
        return folder;
    }
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    fs::path installed = program.parent_path() / INTARSIA_PRESETS_FROM_PROGRAM;
    return !error && fs::is_directory(installed, error) ? installed.lexically_normal()
                                                        : fs::path(INTARSIA_PRESETS_FOLDER);
}

std::vector<std::string> preset_names(const std::string& family) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(presets_folder() / family, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() == ".toml" && is_preset_name(entry->path().stem().string())) {
            names.push_back(entry->path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

Document load_document(const std::string& path_or_preset, const std::vector<std::string>& overrides,
                       const PresetFamily& family) {
    return with_overrides(Loader(family).load(path_or_preset), overrides);
}

Document parse_document(const std::string& text, const std::string& name, const std::vector<std::string>& overrides) {
    return with_overrides(Loader().parse(text, name), overrides);
}

} // namespace intarsia::config
