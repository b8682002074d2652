// Package ruling keeps the account of a merge by parts: what each side alone
// changed, what both changed apart from each other, and what a person decided of
// that. Mergers of tables write into a [Book], a [Place] at a time; those of
// Office files give a [Result], and merge [InOrder].
package ruling
