export default function Page() {
  return (
    <main className="page">
      <h1>Skein</h1>
    </main>
  )
}
