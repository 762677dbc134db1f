#include "metrics/formula.hpp"

#include "config/errors.hpp"

#include <charconv>
#include <string>

namespace intarsia::metrics {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Recursive descent: sum = product {(+|-) product}; product = atom {(*|/) atom}; atom = number | name |
// (sum).
class Parser {
  public:
    Parser(std::string_view text, const std::function<double(std::string_view)>& value_of)
        : text_(text), value_of_(value_of) {}

    double whole() {
        const double value = sum();
        if (peek() != '\0') {
            fail();
        }
        return value;
    }

  private:
    // The next character that is not a space, '\0' at the end.
    char peek() {
        while (position_ < text_.size() && text_[position_] == ' ') {
            ++position_;
        }
        return position_ < text_.size() ? text_[position_] : '\0';
    }

    double sum() {
        double value = product();
        for (char sign = peek(); sign == '+' || sign == '-'; sign = peek()) {
            ++position_;
            const double other = product();
            value = sign == '+' ? value + other : value - other;
        }
        return value;
    }

    double product() {
        double value = atom();
        for (char sign = peek(); sign == '*' || sign == '/'; sign = peek()) {
            ++position_;
            const double other = atom();
            if (sign == '*') {
                value *= other;
            } else {
                value = other == 0 ? 0 : value / other;
            }
        }
        return value;
    }

    double atom() {
        const char first = peek();
        if (first == '(') {
            ++position_;
            const double value = sum();
            if (peek() != ')') {
                fail();
            }
            ++position_;
            return value;
        }
        return is_digit(first) ? number() : name();
    }

    double number() {
        double value = 0;
        const char* begin = text_.data() + position_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (error != std::errc()) {
            fail();
        }
        position_ += static_cast<std::size_t>(end - begin);
        return value;
    }

    double name() {
        const std::size_t begin = position_;
        while (position_ < text_.size() &&
               (is_name_start(text_[position_]) || (position_ > begin && is_digit(text_[position_])))) {
            ++position_;
        }
        if (position_ == begin) {
            fail();
        }
        return value_of_(text_.substr(begin, position_ - begin));
    }

    [[noreturn]] void fail() const {
        throw InvariantError("formula '" + std::string(text_) + "' is malformed at character " +
                             std::to_string(position_ + 1));
    }

    std::string_view text_;
    const std::function<double(std::string_view)>& value_of_;
    std::size_t position_ = 0;
};

} // namespace

double evaluate_formula(std::string_view formula, const std::function<double(std::string_view)>& value_of) {
    return Parser(formula, value_of).whole();
}

} // namespace intarsia::metrics
